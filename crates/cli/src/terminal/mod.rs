//! Pictures in a terminal: what it can show, and how each way is written.
//!
//! | module | draws with |
//! |---|---|
//! | [`graphics`] | pixels: kitty's, iTerm2's and DEC's (sixel) protocols |
//! | [`blocks`] | characters: half blocks in as many colours as there are, or none |

pub(crate) mod blocks;
pub(crate) mod graphics;

use clap::ValueEnum;

/// How a picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Protocol {
    /// The best that the terminal says it knows
    Auto,
    /// kitty, Ghostty, WezTerm
    Kitty,
    /// foot, mlterm, Konsole, xterm -ti vt340, mintty
    Sixel,
    /// iTerm2, mintty, Rio
    Iterm,
    /// Half blocks, which any terminal can show; shades of characters where there is no colour
    Blocks,
}

/// Decides on a protocol by the variables with which terminals tell what they are.
///
/// Asking the terminal itself would have to take over its input, and one that does not answer
/// would keep us waiting; who knows better says `--protocol`.
pub(crate) fn detect(variable: impl Fn(&str) -> Option<String>) -> Protocol {
    let value = |name: &str| variable(name).unwrap_or_default();
    let term = value("TERM");
    // A multiplexer stands between, and passes nothing on that it does not know.
    let multiplexed =
        !value("TMUX").is_empty() || ["screen", "tmux"].iter().any(|name| term.starts_with(name));
    if multiplexed || term == "dumb" {
        return Protocol::Blocks;
    }
    let program = value("TERM_PROGRAM").to_ascii_lowercase();
    let is_term = |names: &[&str]| names.iter().any(|name| term.contains(name));
    let is_program = |names: &[&str]| names.contains(&program.as_str());
    if !value("KITTY_WINDOW_ID").is_empty()
        || is_term(&["kitty", "ghostty"])
        || is_program(&["kitty", "ghostty", "wezterm"])
    {
        Protocol::Kitty
    } else if is_program(&["iterm.app", "rio"]) || value("LC_TERMINAL") == "iTerm2" {
        Protocol::Iterm
    } else if is_term(&["sixel", "foot", "mlterm", "yaft", "contour"])
        || is_program(&["mintty"])
        || konsole_draws(&value("KONSOLE_VERSION"))
    {
        Protocol::Sixel
    } else {
        Protocol::Blocks
    }
}

/// Konsole draws sixels from 22.04 on; it writes that version as `220400`.
fn konsole_draws(version: &str) -> bool {
    version.parse().is_ok_and(|version: u32| version >= 220_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_known_by_what_they_say() {
        for (variables, expected) in [
            (&[("TERM", "xterm-kitty")][..], Protocol::Kitty),
            (
                &[("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")],
                Protocol::Kitty,
            ),
            (&[("TERM", "xterm-ghostty")], Protocol::Kitty),
            (&[("TERM_PROGRAM", "WezTerm")], Protocol::Kitty),
            (&[("TERM_PROGRAM", "iTerm.app")], Protocol::Iterm),
            (&[("LC_TERMINAL", "iTerm2")], Protocol::Iterm),
            (&[("TERM", "foot-extra")], Protocol::Sixel),
            (&[("KONSOLE_VERSION", "230805")], Protocol::Sixel),
            (&[("KONSOLE_VERSION", "210400")], Protocol::Blocks),
            (&[("TERM", "xterm-256color")], Protocol::Blocks),
            (
                &[("TERM", "dumb"), ("KITTY_WINDOW_ID", "1")],
                Protocol::Blocks,
            ),
            (
                &[("TERM", "tmux-256color"), ("TERM_PROGRAM", "iTerm.app")],
                Protocol::Blocks,
            ),
            (
                &[("TERM", "xterm-kitty"), ("TMUX", "/tmp/tmux-0/default,1,0")],
                Protocol::Blocks,
            ),
            (&[], Protocol::Blocks),
        ] {
            let found = detect(|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            });
            assert_eq!(found, expected, "{variables:?}");
        }
    }
}
