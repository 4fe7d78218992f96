//! The scanner on the corpus: snippets in the ways legacy callers wrote them, and snippets that only look alike.
//!
//! `corpus/expected.tsv` says what a reader finds in each. A finding counts as right if file, line and kind agree.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::collections::BTreeMap;
use std::path::Path;

use graph_photo_compat::scan::{Certainty, fix, scan};

/// Right findings among all findings, and among all expected ones.
const PRECISION: f64 = 0.97;
const RECALL: f64 = 0.97;

type Counts = BTreeMap<(String, usize, String), Vec<String>>;

fn corpus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"))
}

fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for folder in ["legacy", "unrelated"] {
        for entry in std::fs::read_dir(corpus().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
            files.push((name, std::fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}

fn expected() -> Counts {
    let mut expected = Counts::new();
    for row in std::fs::read_to_string(corpus().join("expected.tsv"))
        .unwrap()
        .lines()
        .skip(1)
    {
        let [file, line, kind, certainty] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        expected
            .entry((file.to_owned(), line.parse().unwrap(), kind.to_owned()))
            .or_default()
            .push(certainty.to_owned());
    }
    expected
}

#[test]
fn precision_and_recall() {
    let mut expected = expected();
    let total = expected.values().map(Vec::len).sum::<usize>();
    let (mut right, mut wrong, mut unsure) = (0, Vec::new(), Vec::new());
    for (file, source) in files() {
        for finding in scan(&source).findings {
            let key = (
                file.clone(),
                finding.start.line,
                finding.kind.name().to_owned(),
            );
            let certainties = expected.get_mut(&key).filter(|left| !left.is_empty());
            let Some(certainties) = certainties else {
                wrong.push(format!("{key:?} {:?}", finding.text));
                continue;
            };
            right += 1;
            let found = finding.certainty.to_string();
            match certainties.iter().position(|certainty| *certainty == found) {
                Some(place) => drop(certainties.remove(place)),
                None => unsure.push(format!(
                    "{key:?}: {found} instead of {}",
                    certainties.pop().unwrap()
                )),
            }
        }
    }
    let missed: Vec<_> = expected
        .iter()
        .filter(|(_, left)| !left.is_empty())
        .collect();
    let precision = right as f64 / (right + wrong.len()) as f64;
    let recall = right as f64 / total as f64;
    println!("{total} expected, {right} right: precision {precision:.3}, recall {recall:.3}");
    println!("wrong: {wrong:#?}\nmissed: {missed:#?}\ncertainty: {unsure:#?}");
    assert!(precision >= PRECISION, "precision {precision}: {wrong:#?}");
    assert!(recall >= RECALL, "recall {recall}: {missed:#?}");
    assert!(unsure.is_empty(), "{unsure:#?}");
}

#[test]
fn the_corpus_is_as_large_as_it_should_be() {
    let legacy: Vec<_> = files()
        .into_iter()
        .filter(|(name, _)| name.starts_with("legacy/"))
        .collect();
    let mut languages: Vec<_> = legacy
        .iter()
        .map(|(name, _)| name.rsplit('.').next().unwrap())
        .collect();
    languages.sort_unstable();
    languages.dedup();
    assert!(
        legacy.len() >= 30 && languages.len() >= 8,
        "{} snippets, {languages:?}",
        legacy.len()
    );
}

#[test]
fn fixing_leaves_nothing_certain_and_changes_nothing_else() {
    for (file, source) in files() {
        let findings = scan(&source).findings;
        let Some(fixed) = fix(&source, &findings) else {
            assert!(
                findings
                    .iter()
                    .all(|finding| finding.certainty < Certainty::Certain),
                "{file}"
            );
            continue;
        };
        let again = scan(&fixed);
        assert!(
            again
                .findings
                .iter()
                .all(|finding| finding.certainty < Certainty::Certain),
            "{file}: {again:#?}"
        );
        // What lies between the fixed places is untouched.
        let mut rest = fixed.as_slice();
        for finding in findings
            .iter()
            .filter(|finding| finding.certainty == Certainty::Certain)
        {
            let replacement = finding.replacement.as_deref().unwrap();
            let at = memchr::memmem::find(rest, replacement.as_bytes()).expect(&file);
            rest = &rest[at + replacement.len()..];
        }
        let end = findings
            .iter()
            .rfind(|finding| finding.certainty == Certainty::Certain)
            .unwrap()
            .span
            .end;
        assert_eq!(rest, &source[end..], "{file}");
    }
}
