//! The translator's memory does not grow with the document. A binary of its own: the peak is the whole process's.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::io::{self, Read};

use graph_photo_compat::json::Translator;

/// A collection of any size, made as it is read.
struct Collection {
    photos: usize,
    left: Vec<u8>,
}

impl Read for Collection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() && self.photos > 0 {
            self.photos -= 1;
            let end = if self.photos == 0 { "]}" } else { "," };
            let padding = "x".repeat(2_000);
            self.left =
                format!(r#"{{"Id":"96X96","Width":96,"Note":"{padding}"}}{end}"#).into_bytes();
        }
        let count = self.left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.left[..count]);
        self.left.drain(..count);
        Ok(count)
    }
}

/// Most memory this process has had, in KiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_large_document_takes_no_more_memory_than_a_small_one() {
    let translate = |photos| {
        let collection = Collection {
            photos,
            left: br#"{"value":["#.to_vec(),
        };
        Translator::to_graph()
            .translate(collection, io::sink())
            .unwrap();
    };
    translate(2_000);
    let small = peak();
    // 64 MB.
    translate(32_000);
    let large = peak();
    assert!(
        large < small + 2_048,
        "{small} KiB for a small document, {large} KiB for a large one"
    );
}
