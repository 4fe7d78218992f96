//! stub
use crate::Error;
/// stub
#[derive(Debug, Clone)]
pub struct BaseUrl(String);
impl BaseUrl {
    /// stub
    pub fn parse(u: &str, _: bool) -> Result<Self, Error> { Ok(Self(u.trim_end_matches('/').to_owned())) }
    /// stub
    pub fn join(&self, p: &str) -> String { format!("{}{p}", self.0) }
}
