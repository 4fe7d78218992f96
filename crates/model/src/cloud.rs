//! Microsoft's national clouds: where Graph and sign-in are, and which scope a token needs.
//!
//! Tokens of one cloud are no good in another (Microsoft's page on deployments). GCC uses the
//! global endpoints.

use std::fmt;
use std::str::FromStr;

use crate::base_url::BaseUrl;
use crate::error::Error;

/// A cloud that offers Microsoft Graph with photos.
///
/// ```
/// use graph_photo_model::cloud::{ApiVersion, Cloud};
///
/// let cloud: Cloud = "gcc-high".parse()?;
/// assert_eq!(cloud, Cloud::UsGovL4);
/// assert_eq!(cloud.base_url(ApiVersion::V1_0).to_string(), "https://graph.microsoft.us/v1.0");
/// assert_eq!(cloud.default_scope(), "https://graph.microsoft.us/.default");
/// # Ok::<(), graph_photo_model::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cloud {
    /// The worldwide service, GCC included.
    #[default]
    Global,
    /// US Government L4, also called GCC High.
    UsGovL4,
    /// US Government L5, also called DoD.
    UsGovL5,
    /// China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Global, Self::UsGovL4, Self::UsGovL5, Self::China];

    /// The host of Graph.
    #[must_use]
    pub const fn graph_host(self) -> &'static str {
        match self {
            Self::Global => "graph.microsoft.com",
            Self::UsGovL4 => "graph.microsoft.us",
            Self::UsGovL5 => "dod-graph.microsoft.us",
            Self::China => "microsoftgraph.chinacloudapi.cn",
        }
    }

    /// The root of Graph, without the API version.
    #[must_use]
    pub const fn graph_root(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com",
            Self::UsGovL4 => "https://graph.microsoft.us",
            Self::UsGovL5 => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// The root of Microsoft Entra sign-in. A token endpoint is
    /// `{root}/{tenant}/oauth2/v2.0/token`.
    #[must_use]
    pub const fn login_root(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGovL4 | Self::UsGovL5 => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// The scope for all permissions that were granted to the application.
    #[must_use]
    pub const fn default_scope(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com/.default",
            Self::UsGovL4 => "https://graph.microsoft.us/.default",
            Self::UsGovL5 => "https://dod-graph.microsoft.us/.default",
            Self::China => "https://microsoftgraph.chinacloudapi.cn/.default",
        }
    }

    /// The base URL of an API version.
    #[must_use]
    pub fn base_url(self, version: ApiVersion) -> BaseUrl {
        BaseUrl::of_cloud(self.graph_host(), version)
    }

    /// The cloud that a host belongs to, if it is Graph's host in one of them.
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|cloud| cloud.graph_host().eq_ignore_ascii_case(host))
    }
}

/// The name that [`FromStr`] reads back.
impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Global => "global",
            Self::UsGovL4 => "us-gov-l4",
            Self::UsGovL5 => "us-gov-l5",
            Self::China => "china",
        })
    }
}

/// Reads what GRAPH_PHOTO_CLOUD can hold: the names of Microsoft's pages and those its tools use,
/// whatever their case and separators.
impl FromStr for Cloud {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let name: String = text
            .chars()
            .filter(|c| c.is_ascii_alphanumeric())
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match name.as_str() {
            "global" | "public" | "worldwide" | "gcc" | "azurecloud" => Ok(Self::Global),
            "usgovl4" | "l4" | "usgov" | "gcchigh" | "azureusgovernment" => Ok(Self::UsGovL4),
            "usgovl5" | "l5" | "usgovdod" | "dod" => Ok(Self::UsGovL5),
            "china" | "21vianet" | "mooncake" | "azurechinacloud" => Ok(Self::China),
            _ => Err(Error::configuration(
                "the cloud must be global, us-gov-l4, us-gov-l5 or china",
            )),
        }
    }
}

/// A version of the Graph API. Only v1.0 is supported by Microsoft in production.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ApiVersion {
    /// `v1.0`
    #[default]
    V1_0,
    /// `beta`
    Beta,
}

impl ApiVersion {
    /// The path segment of the version.
    #[must_use]
    pub const fn segment(self) -> &'static str {
        match self {
            Self::V1_0 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.segment())
    }
}

impl FromStr for ApiVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "v1.0" => Ok(Self::V1_0),
            "beta" => Ok(Self::Beta),
            _ => Err(Error::configuration("the API version must be v1.0 or beta")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_has_its_own_places() {
        let mut table = String::new();
        for cloud in Cloud::ALL {
            for version in [ApiVersion::V1_0, ApiVersion::Beta] {
                let base = cloud.base_url(version);
                assert_eq!(BaseUrl::parse(&base.to_string()).unwrap(), base);
                assert_eq!(
                    base.to_string(),
                    format!("{}/{version}", cloud.graph_root())
                );
                assert_eq!(Cloud::of_host(base.host()), Some(cloud));
                table += &format!(
                    "{cloud} {base} {} {}\n",
                    cloud.login_root(),
                    cloud.default_scope()
                );
            }
            assert_eq!(cloud.to_string().parse::<Cloud>().unwrap(), cloud);
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn names_are_read_whatever_their_separators() {
        for (text, cloud) in [
            ("GLOBAL", Cloud::Global),
            ("GCC High", Cloud::UsGovL4),
            ("UsGovL4", Cloud::UsGovL4),
            ("us_gov_l5", Cloud::UsGovL5),
            ("DoD", Cloud::UsGovL5),
            ("21Vianet", Cloud::China),
        ] {
            assert_eq!(text.parse::<Cloud>().unwrap(), cloud);
        }
        assert!("germany".parse::<Cloud>().is_err());
        assert!("".parse::<Cloud>().is_err());
        assert!("v2.0".parse::<ApiVersion>().is_err());
    }
}
