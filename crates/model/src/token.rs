//! stub
use crate::Error;
/// stub
#[derive(Clone)]
pub struct BearerToken(http::HeaderValue);
impl BearerToken {
    /// stub
    pub fn new(t: impl Into<String>) -> Result<Self, Error> { let t:String=t.into(); http::HeaderValue::from_str(&format!("Bearer {t}")).map(Self).map_err(|_| Error::configuration("token")) }
    /// stub
    pub fn header_value(&self) -> http::HeaderValue { self.0.clone() }
}
impl std::fmt::Debug for BearerToken { fn fmt(&self, f:&mut std::fmt::Formatter<'_>)->std::fmt::Result{ f.write_str("BearerToken") } }
