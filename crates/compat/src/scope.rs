//! OAuth scopes of the legacy API, to Graph permissions.
//!
//! The names stayed what they were; the host in front of them moved, and tokens for one host are not valid for the
//! other. A scope without a host has always meant Graph. Sources: the Outlook v2.0 photo reference for the legacy
//! names, Graph's "Get profilePhoto" and "Update profilePhoto" for the least privileged ones.

use crate::generated::hosts::{CLOUDS, RETIRED_HOSTS};
use crate::generated::scopes::SCOPES;

/// A scope on Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GraphScope {
    /// A scope of the photo API.
    Photo(PhotoScope),
    /// `https://HOST/.default`, or the host alone as a resource of the v1 endpoint: whatever has been consented to.
    Resource {
        /// The same for Graph.
        scope: String,
    },
    /// A scope of OpenID Connect, such as `offline_access`: it belongs to neither service.
    OpenId {
        /// The scope, unchanged.
        scope: String,
    },
}

impl GraphScope {
    /// The scope to ask for in place of the legacy one.
    pub fn scope(&self) -> &str {
        match self {
            Self::Photo(photo) => &photo.scope,
            Self::Resource { scope } | Self::OpenId { scope } => scope,
        }
    }
}

/// The Graph permission in the place of a legacy photo scope.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PhotoScope {
    /// The scope to ask for; with the cloud's Graph host if the legacy one had a host.
    pub scope: String,
    /// Whether an administrator must consent to it (delegated).
    pub admin_consent: bool,
    /// What it allows, photos only.
    pub allows: &'static str,
    /// The least privileged permission that allows the same, written like `scope`.
    pub least_privileged: String,
    /// Whether an administrator must consent to that one.
    pub least_privileged_admin_consent: bool,
}

/// Why a scope was not mapped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnmappableScope {
    /// Not a photo scope.
    #[error(
        "{0} is not a scope of the photo API (User.Read, User.ReadBasic.All, User.Read.All, User.ReadWrite, \
         User.ReadWrite.All); Graph has other scopes under their old names, with its own host in front"
    )]
    NotAPhotoScope(String),
    /// Already a Graph scope.
    #[error("{0} is a Graph scope already; nothing to map")]
    AlreadyGraph(String),
    /// A host of no known cloud.
    #[error("{0} is not a host of the Outlook REST API")]
    UnknownHost(String),
    /// A host of a cloud that was closed.
    #[error("{host} has no successor: {reason}")]
    RetiredHost {
        /// The host.
        host: String,
        /// What happened to its cloud.
        reason: &'static str,
    },
}

/// Maps a legacy scope, in any case, with or without its host.
///
/// ```
/// use graph_photo_compat::scope::{GraphScope, to_graph};
///
/// let GraphScope::Photo(photo) = to_graph("https://outlook.office.com/user.readwrite.all")? else { unreachable!() };
/// assert_eq!(photo.scope, "https://graph.microsoft.com/User.ReadWrite.All");
/// assert_eq!(photo.least_privileged, "https://graph.microsoft.com/ProfilePhoto.ReadWrite.All");
/// assert!(photo.admin_consent);
/// # Ok::<(), graph_photo_compat::scope::UnmappableScope>(())
/// ```
///
/// # Errors
///
/// [`UnmappableScope`] says why there is no counterpart here.
pub fn to_graph(scope: &str) -> Result<GraphScope, UnmappableScope> {
    let scope = scope.trim();
    let (prefix, name) = match split_host(scope) {
        None => (String::new(), scope),
        Some((host, name)) => {
            if CLOUDS.iter().any(|cloud| cloud.graph == host) {
                return Err(UnmappableScope::AlreadyGraph(scope.to_owned()));
            }
            if let Some(retired) = RETIRED_HOSTS.iter().find(|retired| retired.host == host) {
                return Err(UnmappableScope::RetiredHost {
                    host,
                    reason: retired.reason,
                });
            }
            let cloud = CLOUDS
                .iter()
                .find(|cloud| cloud.outlook.contains(&host.as_str()));
            let Some(cloud) = cloud else {
                return Err(UnmappableScope::UnknownHost(host));
            };
            (format!("https://{}/", cloud.graph), name)
        }
    };
    if prefix.is_empty() {
        if ["openid", "profile", "email", "offline_access"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
        {
            return Ok(GraphScope::OpenId {
                scope: name.to_ascii_lowercase(),
            });
        }
    } else if name.is_empty() || name.eq_ignore_ascii_case(".default") {
        return Ok(GraphScope::Resource {
            scope: format!("{prefix}{}", name.to_ascii_lowercase()),
        });
    }
    let known = SCOPES
        .iter()
        .find(|known| known.outlook.eq_ignore_ascii_case(name));
    let known = known.ok_or_else(|| UnmappableScope::NotAPhotoScope(scope.to_owned()))?;
    Ok(GraphScope::Photo(PhotoScope {
        scope: format!("{prefix}{}", known.graph),
        admin_consent: known.admin_consent,
        allows: known.allows,
        least_privileged: format!("{prefix}{}", known.least_privileged),
        least_privileged_admin_consent: known.least_privileged_admin_consent,
    }))
}

/// Host in lower case and name of `https://HOST/NAME`.
fn split_host(scope: &str) -> Option<(String, &str)> {
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        let start = scope.get(..scheme.len())?;
        if start.eq_ignore_ascii_case(scheme) {
            scope.get(scheme.len()..)
        } else {
            None
        }
    })?;
    let (host, name) = rest.split_once('/').unwrap_or((rest, ""));
    // A resource may end in a slash, and asking for its scopes then takes two.
    Some((host.to_ascii_lowercase(), name.trim_start_matches('/')))
}
