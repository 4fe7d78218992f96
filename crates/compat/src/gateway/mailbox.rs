//! Which user a mailbox is: what `/me` means when nobody is signed in.
//!
//! Legacy callers named the mailbox they wanted in `X-AnchorMailbox` (some in `X-Anchor-Mailbox`), so that the service
//! could find the server that held it. For a gateway that calls Graph as an application it is the only thing that says
//! whose photo is meant.

use std::collections::HashMap;

use http::{HeaderMap, StatusCode};

use super::refusal::Refusal;

/// Anchor mailboxes and the users they are on Graph.
///
/// A line holds the mailbox as callers write it, an address or a mailbox GUID, and the user principal name or object
/// id. An address that is in no line is taken for a user principal name.
///
/// ```
/// use graph_photo_compat::gateway::Mailboxes;
///
/// let mailboxes = Mailboxes::parse("sales@contoso.com  adele@contoso.com\n")?;
/// assert!(Mailboxes::parse("sales@contoso.com").is_err());
/// # let _ = mailboxes;
/// # Ok::<(), graph_photo_compat::gateway::MailboxesError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Mailboxes {
    /// Keys are in lower case.
    users: HashMap<String, String>,
}

/// A line that is no mailbox with its user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: write the mailbox and then its user, separated by a space")]
pub struct MailboxesError {
    /// The number of the line, from 1.
    pub line: usize,
}

impl Mailboxes {
    /// Reads a mapping; empty lines and lines that begin with `#` count for nothing.
    ///
    /// # Errors
    ///
    /// [`MailboxesError`] names the line.
    pub fn parse(text: &str) -> Result<Self, MailboxesError> {
        let mut users = HashMap::new();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut words = line.split_ascii_whitespace();
            let (Some(mailbox), Some(user), None) = (words.next(), words.next(), words.next())
            else {
                return Err(MailboxesError { line: index + 1 });
            };
            users.insert(mailbox.to_ascii_lowercase(), user.to_owned());
        }
        Ok(Self { users })
    }

    /// The user that a request's anchor mailbox is; `None` without one.
    pub(crate) fn user(&self, headers: &HeaderMap) -> Result<Option<String>, Refusal> {
        let Some(anchor) = ["x-anchormailbox", "x-anchor-mailbox"]
            .iter()
            .find_map(|name| headers.get(*name))
        else {
            return Ok(None);
        };
        let anchor = anchor.to_str().unwrap_or_default().trim();
        // Some write what kind of name it is before the name, as Exchange's own clients do.
        let (kind, name) = match anchor.split_once(':') {
            Some((kind, name)) => (kind.to_ascii_uppercase(), name),
            None => (String::new(), anchor),
        };
        if let Some(user) = self
            .users
            .get(&anchor.to_ascii_lowercase())
            .or_else(|| self.users.get(&name.to_ascii_lowercase()))
        {
            return Ok(Some(user.clone()));
        }
        let user = match kind.as_str() {
            // The tenant behind an object id is Outlook's; Graph takes the id alone.
            "OID" => name.split('@').next().unwrap_or_default(),
            "" | "SMTP" | "UPN" if is_address(name) => name,
            _ => "",
        };
        if user.is_empty() || user == "." || user == ".." || user.contains(char::is_control) {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "ErrorIncorrectRoutingHint",
                "The x-anchor mailbox is no address, and no mapping of the gateway says which user it is.",
            ));
        }
        Ok(Some(user.to_owned()))
    }
}

/// Something before and after an `@`, and before it no mailbox GUID: that is no name on Graph.
fn is_address(name: &str) -> bool {
    name.split_once('@').is_some_and(|(local, domain)| {
        let guid = local.len() == 36
            && local
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
        !local.is_empty() && !domain.is_empty() && !guid
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(anchor: &str) -> Result<Option<String>, StatusCode> {
        let mailboxes = Mailboxes::parse(
            "# old names\nSales@contoso.com adele@contoso.com\n6f1e1c3c-0000-4000-8000-000000000001@contoso.com lidia@contoso.com\n",
        )
        .unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-anchormailbox", anchor.parse().unwrap());
        mailboxes.user(&headers).map_err(|refusal| refusal.status)
    }

    #[test]
    fn an_anchor_is_a_user() {
        for (anchor, expected) in [
            ("alex@contoso.com", "alex@contoso.com"),
            ("sales@CONTOSO.com", "adele@contoso.com"),
            ("SMTP:sales@contoso.com", "adele@contoso.com"),
            ("smtp:alex@contoso.com", "alex@contoso.com"),
            ("UPN:alex@contoso.com", "alex@contoso.com"),
            ("OID:7d0f@1717", "7d0f"),
            (
                "6F1E1C3C-0000-4000-8000-000000000001@contoso.com",
                "lidia@contoso.com",
            ),
        ] {
            assert_eq!(user(anchor), Ok(Some(expected.to_owned())), "{anchor}");
        }
        for anchor in [
            "",
            "adele",
            "@contoso.com",
            "adele@",
            "PUID:1@2",
            "OID:",
            "OID:..",
            "6f1e1c3c-0000-4000-8000-000000000002@contoso.com",
        ] {
            assert_eq!(user(anchor), Err(StatusCode::BAD_REQUEST), "{anchor}");
        }
        assert_eq!(
            Mailboxes::default().user(&HeaderMap::new()).ok(),
            Some(None)
        );
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = Mailboxes::parse("a b\nc\n").unwrap_err();
        assert_eq!(error.line, 2);
    }
}
