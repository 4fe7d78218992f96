//! The translator on any bytes, whole and in single bytes: the verdict of an independent parser, the same result
//! however the input is cut, and a way back.

#![no_main]

use std::io::Read;

use graph_photo_compat::json::{TranslateError, Translator};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize as _;
use serde::de::IgnoredAny;

struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = usize::min(1, self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn is_json(document: &[u8]) -> bool {
    let mut parser = serde_json::Deserializer::from_slice(document);
    std::str::from_utf8(document).is_ok()
        && IgnoredAny::deserialize(&mut parser).and_then(|_| parser.end()).is_ok()
}

fuzz_target!(|document: &[u8]| {
    for translator in [Translator::to_graph(), Translator::to_outlook()] {
        let (mut whole, mut dripped) = (Vec::new(), Vec::new());
        let result = translator.translate(document, &mut whole);
        let other = translator.translate(Drip(document), &mut dripped);
        assert_eq!(result.is_ok(), other.is_ok());
        assert_eq!(whole, dripped);
        // In memory as well, but that a refused document has no result there.
        match translator.translate_bytes(document.to_vec()) {
            Ok(in_memory) => assert_eq!(in_memory, whole),
            Err(error) => assert_eq!(Some(error.to_string()), result.as_ref().err().map(ToString::to_string)),
        }
        match result {
            Ok(()) => {
                // serde_json gives up at a nesting that is fine here.
                assert!(is_json(document) || document.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() > 100);
                assert!(std::str::from_utf8(&whole).is_ok());
            }
            Err(TranslateError::Syntax { position, .. }) => {
                assert!(!is_json(document));
                assert!(position.offset <= document.len() as u64);
                assert!(whole.is_empty());
            }
            Err(_) => assert!(whole.is_empty()),
        }
    }
    // What has come from Graph's spelling is in the legacy one, and finds its way to Graph and back exactly.
    let mut outlook = Vec::new();
    if Translator::to_outlook().translate(document, &mut outlook).is_ok() {
        let mut graph = Vec::new();
        if Translator::to_graph().translate(&*outlook, &mut graph).is_ok() {
            let mut again = Vec::new();
            Translator::to_outlook().translate(&*graph, &mut again).expect("its own result");
            let mut settled = Vec::new();
            Translator::to_graph().translate(&*again, &mut settled).expect("its own result");
            assert_eq!(settled, graph);
        }
    }
});
