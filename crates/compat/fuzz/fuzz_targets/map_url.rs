//! The URL and scope mappers on any text: what they give goes to a Graph host and to nothing else.

#![no_main]

use graph_photo_compat::scope;
use graph_photo_compat::url::{Mapping, rename_properties, to_graph};
use libfuzzer_sys::fuzz_target;

const GRAPH: [&str; 4] = [
    "https://graph.microsoft.com/",
    "https://graph.microsoft.us/",
    "https://dod-graph.microsoft.us/",
    "https://microsoftgraph.chinacloudapi.cn/",
];

fuzz_target!(|text: &str| {
    match to_graph(text) {
        Ok(Mapping::Photo(request)) => {
            let path = GRAPH.iter().find_map(|root| request.url.strip_prefix(root)).expect("a Graph host");
            assert!(path.starts_with("v1.0/") || path.starts_with("beta/"), "{path}");
            let path = path.split('?').next().unwrap_or_default();
            assert!(!path.split('/').any(|segment| matches!(segment, "" | "." | "..")), "{path}");
            assert!(request.url.bytes().all(|byte| byte.is_ascii_graphic()), "{}", request.url);
            assert!(!request.url.contains('#'), "{}", request.url);
            assert!(!request.operations.is_empty());
        }
        Ok(_) => {}
        Err(reason) => assert!(!reason.to_string().is_empty()),
    }
    let _ = scope::to_graph(text);
    let _ = rename_properties(text);
});
