//! The contact sheet: one HTML file with every user, readable without a network and without a
//! script.

use std::fmt::Write as _;
use std::io::{BufWriter, Cursor, Write as _};
use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::ImageReader;
use image::codecs::jpeg::JpegEncoder;

use crate::output::grouped;
use crate::photo_file::Pending;
use crate::sync::run::Run;
use crate::sync::state::{Entry, Outcome};
use crate::sync::summary::Summary;

/// The side of a thumbnail in pixels, and its JPEG quality.
const SIDE: u32 = 72;
const QUALITY: u8 = 70;

/// The most pixels to a side that are decoded for a thumbnail.
const MAX_SIDE: u32 = 8192;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Profile photos</title>
<style>
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
dl div { display: flex; flex-direction: column-reverse; }
dt { opacity: .7; } dd { margin: 0; font-size: 1.6rem; font-variant-numeric: tabular-nums; }
.photos { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem; list-style: none; padding: 0; }
.photos li { text-align: center; overflow-wrap: anywhere; content-visibility: auto; contain-intrinsic-size: 8.5rem 8rem; }
.photos img { border-radius: 50%; width: 72px; height: 72px; object-fit: cover; display: block; margin: 0 auto .3rem; }
.none { columns: 18rem; padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>Profile photos</h1>
"#;

/// Writes the contact sheet of a run.
pub(crate) async fn write(path: &Path, run: &Run, summary: &Summary) -> anyhow::Result<()> {
    let shown = || format!("--report {}", path.display());
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // Sections are gathered in files of their own: a large organisation does not fit into memory.
    let mut photos = tempfile::tempfile().with_context(shown)?;
    let mut without = tempfile::tempfile().with_context(shown)?;
    let mut failed = tempfile::tempfile().with_context(shown)?;
    let (mut with_count, mut without_count, mut failed_count) = (0_u64, 0_u64, 0_u64);
    {
        let mut photos = BufWriter::new(&mut photos);
        let mut without = BufWriter::new(&mut without);
        let mut failed = BufWriter::new(&mut failed);
        let mut page = Vec::new();
        let mut after = String::new();
        loop {
            // In pages, since reading a photo from a store cannot be done within a transaction.
            page.clear();
            run.state.page(&after, 200, &mut page)?;
            let Some((last, _)) = page.last() else { break };
            after.clone_from(last);
            for (_, entry) in page.drain(..) {
                if entry.run != run.id.run {
                    continue;
                }
                match entry.outcome {
                    Outcome::Added | Outcome::Updated | Outcome::Unchanged => {
                        with_count += 1;
                        let thumbnail = thumbnail(run, &entry).await;
                        photos.write_all(photo_item(&entry, thumbnail).as_bytes())?;
                    }
                    Outcome::NoPhoto | Outcome::NoMailbox => {
                        without_count += 1;
                        without.write_all(without_item(&entry).as_bytes())?;
                    }
                    Outcome::Failed => {
                        failed_count += 1;
                        failed.write_all(failed_row(&entry).as_bytes())?;
                    }
                }
            }
        }
        for section in [&mut photos, &mut without, &mut failed] {
            section.flush().with_context(shown)?;
        }
    }

    let mut report = Pending::create(path, directory, ".graph-photo-").with_context(shown)?;
    let mut head = HEAD.to_owned();
    if !summary.complete {
        head += "<p><strong>The run was stopped before its end.</strong></p>\n";
    }
    head += "<dl>\n";
    for (name, number) in [
        ("users", summary.users),
        ("added", summary.added),
        ("updated", summary.updated),
        ("unchanged", summary.unchanged),
        ("without a photo", summary.no_photo + summary.no_mailbox),
        ("failed", summary.failed),
    ] {
        let _ = writeln!(
            head,
            "<div><dt>{name}</dt><dd>{}</dd></div>",
            grouped(number)
        );
    }
    head += "</dl>\n";
    let title = |name: &str, count| format!("<h2>{name} ({})</h2>\n", grouped(count));
    let mut section = |before: String, file: &mut std::fs::File, after: &str| {
        report.write(before.as_bytes())?;
        report.append(file)?;
        report.write(after.as_bytes())
    };
    let failures = "<table><thead><tr><th>User</th><th>Why</th></tr></thead><tbody>\n";
    section(
        head + &title("Failed", failed_count) + failures,
        &mut failed,
        "</tbody></table>\n",
    )
    .and_then(|()| {
        let before = title("Photos", with_count) + "<ul class=\"photos\">\n";
        section(before, &mut photos, "</ul>\n")
    })
    .and_then(|()| {
        let before = title("Without a photo", without_count) + "<ul class=\"none\">\n";
        section(before, &mut without, "</ul>\n</body>\n</html>\n")
    })
    .with_context(shown)?;
    report.finish().with_context(shown)?;
    Ok(())
}

/// A small JPEG of a user's photo as a data URL; `None` if it cannot be drawn.
async fn thumbnail(run: &Run, entry: &Entry) -> Option<String> {
    let file = entry.file.as_ref()?;
    let bytes = run.target.read(&file.name).await.ok()?;
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    reader.limits(limits);
    let small = reader.decode().ok()?.thumbnail(SIDE, SIDE).to_rgb8();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode_image(&small)
        .ok()?;
    Some(format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)))
}

fn photo_item(entry: &Entry, thumbnail: Option<String>) -> String {
    let image = match thumbnail {
        Some(url) => format!("<img src=\"{url}\" alt=\"\" width=\"72\" height=\"72\">"),
        None => "(cannot be drawn)<br>".to_owned(),
    };
    format!("<li>{image}{}</li>\n", label(entry))
}

fn without_item(entry: &Entry) -> String {
    let why = if entry.outcome == Outcome::NoMailbox {
        " (no mailbox)"
    } else {
        ""
    };
    format!("<li>{}{why}</li>\n", label(entry))
}

fn failed_row(entry: &Entry) -> String {
    let error = entry.error.as_deref().unwrap_or("unknown");
    format!(
        "<tr><td>{}</td><td>{}</td></tr>\n",
        label(entry),
        escape(error)
    )
}

fn label(entry: &Entry) -> String {
    match &entry.name {
        Some(name) => format!("{}<br><small>{}</small>", escape(name), escape(&entry.id)),
        None => escape(&entry.id),
    }
}

/// Text as HTML shows it, within elements and attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            c if c.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_markup() {
        assert_eq!(
            escape("<script>alert('1')</script> & \"Co\"\u{7}"),
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;Co&quot;\u{fffd}"
        );
    }
}
