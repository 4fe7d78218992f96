//! Profile photos on Microsoft Graph: the blocking client (ureq), without an async runtime.
