//! From the retired Outlook REST v2.0 photo API to Microsoft Graph.
