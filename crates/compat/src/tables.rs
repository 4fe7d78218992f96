//! The types of the tables in `generated/`.
//!
//! The tables themselves are written by `cargo xtask generate` from `spec/outlook-v2.yaml`; what reads them is
//! [`crate::json`] (shapes), [`crate::url`] (hosts, routes) and [`crate::scope`] (scopes).

/// A national cloud: one Graph host and the legacy hosts it took over from.
#[derive(Debug)]
pub(crate) struct Cloud {
    pub(crate) name: &'static str,
    pub(crate) graph: &'static str,
    /// The first is the one that answers are spelled with.
    pub(crate) outlook: &'static [&'static str],
}

/// A legacy host whose cloud is gone.
#[derive(Debug)]
pub(crate) struct RetiredHost {
    pub(crate) host: &'static str,
    pub(crate) reason: &'static str,
}

/// A version of the legacy API and the version of Graph that matches it.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) outlook: &'static str,
    pub(crate) graph: &'static str,
    /// Whether the way back from `graph` leads here.
    pub(crate) answers: bool,
}

/// A type whose two names differ by more than the case of the first letter; without the namespaces.
#[derive(Debug)]
pub(crate) struct TypeName {
    pub(crate) outlook: &'static str,
    pub(crate) graph: &'static str,
}

/// An OData query option of photo metadata.
#[derive(Debug)]
pub(crate) struct QueryOption {
    pub(crate) option: &'static str,
    /// Whether its value holds property names.
    pub(crate) names: bool,
}

/// A path below the version.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) segments: &'static [Segment],
    /// The Graph path, with `{user}` and `{size}` in it.
    pub(crate) graph: &'static str,
    pub(crate) operations: &'static [Operation],
}

/// One segment of a legacy path; names in lower case.
#[derive(Debug)]
pub(crate) enum Segment {
    /// `photo`
    Literal(&'static str),
    /// `{user}`
    Parameter(Parameter),
    /// `users('{user}')`
    Keyed(&'static str, Parameter),
}

/// What a path parameter stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Parameter {
    User,
    Size,
}

/// A method of a legacy URL and the operation of our clients that replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// HTTP method, in capitals.
    pub method: &'static str,
    /// Name in `client.operations()`, such as `me_get_photo`.
    pub name: &'static str,
}

/// A kind of object: what its members are called on either side.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The schema's name.
    pub(crate) name: &'static str,
    pub(crate) members: &'static [Member],
    /// The shape of what a member without an entry holds.
    pub(crate) unknown: usize,
}

/// A property of the legacy API.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) outlook: &'static str,
    pub(crate) graph: &'static str,
    pub(crate) value: Value,
    /// The shape of what it holds.
    pub(crate) shape: usize,
}

/// What happens to the value of a [`Member`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Copied.
    Kept,
    /// `240X240` there, `240x240` here.
    PhotoSize,
}

/// A legacy scope.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) outlook: &'static str,
    pub(crate) graph: &'static str,
    pub(crate) admin_consent: bool,
    pub(crate) allows: &'static str,
    pub(crate) least_privileged: &'static str,
    pub(crate) least_privileged_admin_consent: bool,
}
