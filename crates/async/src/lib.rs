//! Profile photos on Microsoft Graph: the async client (reqwest).
