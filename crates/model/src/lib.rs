//! Types, errors and rules of the Microsoft Graph profile photo API, without an HTTP client.
