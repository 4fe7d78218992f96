//! A local Microsoft Graph for profile photos, for tests and development.
