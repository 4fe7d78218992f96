//! stub
use crate::base_url::BaseUrl;
/// stub
#[derive(Debug, Clone, Copy, Default)]
pub enum Cloud { #[default]
 /// stub
 Global }
/// stub
#[derive(Debug, Clone, Copy, Default)]
pub enum ApiVersion { #[default]
 /// stub
 V1_0 }
impl Cloud { /// stub
 pub fn base_url(self, _: ApiVersion) -> BaseUrl { BaseUrl::parse("https://graph.microsoft.com/v1.0", false).unwrap() } }
