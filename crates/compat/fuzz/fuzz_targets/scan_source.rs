//! The scanner on any bytes: findings in order and inside the file, and a fix that changes nothing else.

#![no_main]

use graph_photo_compat::scan::{Certainty, fix, join, scan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &[u8]| {
    let mut file = scan(source);
    join([&mut file]);
    let mut end = 0;
    for finding in &file.findings {
        assert!(finding.span.start >= end && finding.span.start < finding.span.end);
        assert!(finding.span.end <= source.len());
        end = finding.span.end;
    }
    let fixed = fix(source, &file.findings);
    let certain = file.findings.iter().filter(|finding| finding.certainty == Certainty::Certain).count();
    assert_eq!(fixed.is_some(), certain > 0);
    if let Some(fixed) = fixed {
        let left = scan(&fixed).findings.iter().filter(|finding| finding.certainty == Certainty::Certain).count();
        assert!(left < certain || certain == 0, "fixing found more to fix");
    }
});
