//! The other side: one client for each version of Graph, and the way its documents are translated.

use std::sync::LazyLock;

use graph_photo::wire::RequestBuilder;
use graph_photo::{Body, ByteStream, Client, ClientBuilder, Error};
use graph_photo_model::BaseUrl;
use http::{HeaderMap, HeaderName, Method};

use super::route::Call;
use crate::generated::hosts::{CLOUDS, VERSIONS};
use crate::json::Translator;

/// What our clients send as Accept for bytes.
pub(crate) const IMAGE: &str = "image/*, application/json";
/// And for everything else.
pub(crate) const JSON: &str = "application/json";

/// What Graph calls a request, and what the caller called it.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
pub(crate) const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// Graph, as the gateway knows it.
pub(crate) struct Graph {
    v1: Client,
    beta: Client,
    /// One for each legacy version, in the order of the table.
    translators: Vec<(&'static str, Translator)>,
    /// The legacy host that answers are spelled with.
    outlook: &'static str,
}

impl Graph {
    /// Sets up clients for the Graph below `root`; nothing is connected yet.
    pub(crate) fn new(
        root: &str,
        adjust: impl Fn(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self, Error> {
        let root = root.trim_end_matches('/');
        let client = |version: &str| {
            let builder = Client::builder().base_url(format!("{root}/{version}"));
            adjust(builder.over_hyper()).build()
        };
        let host = BaseUrl::parse(&format!("{root}/v1.0"))?;
        let outlook = CLOUDS
            .iter()
            .find(|cloud| cloud.graph == host.host())
            .or(CLOUDS.first())
            .and_then(|cloud| cloud.outlook.first())
            .copied()
            .unwrap_or_default();
        let translators = VERSIONS
            .iter()
            .map(|version| {
                // In the version that the caller knows, wherever Graph says that it is.
                let to = format!("https://{outlook}/api/{}", version.outlook);
                let translator = CLOUDS
                    .iter()
                    .map(|cloud| format!("https://{}/{}", cloud.graph, version.graph))
                    .chain([format!("{root}/{}", version.graph)])
                    .fold(Translator::to_outlook(), |translator, from| {
                        translator.root(&from, &to)
                    });
                (version.outlook, translator)
            })
            .collect();
        Ok(Self {
            v1: client("v1.0")?,
            beta: client("beta")?,
            translators,
            outlook,
        })
    }

    /// The client for the version of Graph that a call is answered by.
    pub(crate) fn client(&self, call: &Call<'_>) -> &Client {
        if call.is_beta() { &self.beta } else { &self.v1 }
    }

    /// The translator for the version that the caller speaks.
    pub(crate) fn translator(&self, call: &Call<'_>) -> &Translator {
        static ANY: LazyLock<Translator> = LazyLock::new(Translator::to_outlook);
        self.translators
            .iter()
            .find(|(version, _)| *version == call.form.version)
            .map_or(&ANY, |(_, translator)| translator)
    }

    /// The root of the legacy API in the version that the caller speaks.
    pub(crate) fn legacy_root(&self, call: &Call<'_>) -> String {
        format!("https://{}/api/{}", self.outlook, call.form.version)
    }
}

/// A call to Graph in the making.
pub(crate) struct Ask<'a> {
    pub(crate) client: &'a Client,
    pub(crate) call: &'a Call<'a>,
    pub(crate) headers: &'a HeaderMap,
    /// What the caller calls its request.
    pub(crate) id: Option<&'a str>,
}

impl Ask<'_> {
    /// Reads JSON or bytes at a path below the user; the head is there, the body comes.
    pub(crate) async fn get(
        &self,
        below: &str,
        query: &str,
        accept: &'static str,
    ) -> Result<(HeaderMap, ByteStream), Error> {
        let request = self.request(Method::GET, below, query)?.accept(accept);
        let answer = self.client.operations().exec(request.build()?).await?;
        let (_, headers, body) = answer.into_parts();
        Ok((headers, body))
    }

    /// Sends a photo.
    pub(crate) async fn set(&self, content_type: &str, body: Body) -> Result<(), Error> {
        let request = self
            .request(self.call.method.clone(), &self.call.below, "")?
            .accept(JSON)
            .body(content_type, body)
            .build()?;
        // Some 2xx come with a body; read away, the connection can be used again.
        self.client
            .operations()
            .exec(request)
            .await?
            .empty()
            .await?;
        Ok(())
    }

    fn request(
        &self,
        method: Method,
        below: &str,
        query: &str,
    ) -> Result<RequestBuilder<Body>, Error> {
        let target = self.call.target(below, query)?;
        Ok(RequestBuilder::new(method, target)
            .operation(self.call.operation())
            .header("client-request-id", self.id))
    }
}

/// The id that the caller gave its request, if it can be kept: visible ASCII, and not without measure.
pub(crate) fn client_request_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(&CLIENT_REQUEST_ID)?.to_str().ok()?;
    let plain = id.bytes().all(|byte| byte.is_ascii_graphic());
    (plain && (1..=256).contains(&id.len())).then_some(id)
}
