//! What a finding is known by when lines are added above it: the hash that GitHub code scanning computes for a line
//! where a SARIF log has none, so that alerts are the same whoever uploads them.
//!
//! A line's hash covers the 100 characters from its start on, into the lines below, without spaces and tabs. Lines
//! with equal hashes are told apart by a count.

use std::collections::HashMap;

/// How many characters a hash covers.
const BLOCK: usize = 100;

/// What the hash multiplies by, modulo 2^64.
const BASE: u64 = 37;

/// What stands behind the last character.
const END: u16 = u16::MAX;

/// The hash of each line of a file, in order.
pub(super) fn line_hashes(source: &[u8]) -> Vec<String> {
    let mut characters = Vec::with_capacity(source.len());
    let mut starts = vec![0];
    let mut after_return = false;
    for unit in String::from_utf8_lossy(source).encode_utf16() {
        let line_feed = unit == u16::from(b'\n');
        let skipped = unit == u16::from(b' ')
            || unit == u16::from(b'\t')
            || (line_feed && std::mem::take(&mut after_return));
        after_return = unit == u16::from(b'\r');
        if skipped {
            continue;
        }
        if line_feed || after_return {
            characters.push(u16::from(b'\n'));
            starts.push(characters.len());
        } else {
            characters.push(unit);
        }
    }
    characters.push(END);

    let mut seen: HashMap<u64, usize> = HashMap::new();
    starts
        .into_iter()
        .map(|start| {
            // Short of a hundred characters there are zeros.
            let covered = characters.iter().skip(start).map(|unit| u64::from(*unit));
            let hash = covered
                .chain(std::iter::repeat(0))
                .take(BLOCK)
                .fold(0u64, |hash, unit| {
                    hash.wrapping_mul(BASE).wrapping_add(unit)
                });
            let count = seen.entry(hash).or_default();
            *count += 1;
            format!("{hash:x}:{count}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes that github/codeql-action expects of its own implementation (src/fingerprints.test.ts).
    #[test]
    fn lines_are_hashed_as_code_scanning_does() {
        assert_eq!(line_hashes(b""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            line_hashes(b" a\nb\n  \t\tc\n d"),
            [
                "271789c17abda88f:1",
                "54703d4cd895b18:1",
                "180aee12dab6264:1",
                "a23a3dc5e078b07b:1"
            ]
        );
        let ends = [
            "e9496ae3ebfced30:1",
            "fb7c023a8b9ccb3f:1",
            "ce8ba1a563dcdaca:1",
            "e20e36e16fcb0cc8:1",
            "b3edc88f2938467e:1",
            "c8e28b0b4002a3a0:1",
            "c129715d7a2bc9a3:1",
        ];
        for newline in ["\n", "\r", "\r\n"] {
            let text = " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n".replace('\n', newline);
            assert_eq!(line_hashes(text.as_bytes()), ends, "{newline:?}");
        }
        let repeated = line_hashes("Lorem ipsum dolor sit amet.\n".repeat(10).as_bytes());
        assert_eq!(
            repeated.get(..6).unwrap_or_default(),
            (1..=6)
                .map(|n| format!("a7f2ff13bc495cf2:{n}"))
                .collect::<Vec<_>>()
        );
        assert_eq!(repeated.len(), 11);
    }

    #[test]
    fn a_line_keeps_its_hash_when_lines_are_added_above_it() {
        let before = line_hashes(b"one\ntwo\n");
        let after = line_hashes(b"zero\none\ntwo\n");
        assert_eq!(before, after.get(1..).unwrap_or_default());
    }
}
