//! The README's command lines of graph-photo do what it says, on an emulator and without an account.

mod support;

use support::Session;

#[test]
fn the_readmes_commands_run() {
    let readme = include_str!("../../../README.md");
    let lines: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("graph-photo "))
        .collect();
    let mut session = Session::new();
    session.file(
        "portrait.jpg",
        graph_photo_emulator::demo_jpeg(300, 120, "AV").unwrap(),
    );
    for line in &lines {
        let needs_no_graph = line.starts_with("permissions ");
        assert!(
            needs_no_graph || line.contains("--emulator"),
            "{line} needs an account"
        );
        let output = session.run(line);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {stderr}");
    }
    let directory = session.directory.path();
    for file in ["adele.jpg", "photos/adele@contoso.com.jpg", "photos.html"] {
        assert!(directory.join(file).is_file(), "{file}");
    }
    assert!(lines.len() >= 5, "{lines:?}");
    // Who has an account finds out how to get there.
    assert!(readme.contains("cargo install --path crates/cli\n"));
}
