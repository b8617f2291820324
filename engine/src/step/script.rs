//! Describes steps as commands of a shell.

/// The commands of a shell that stand for the steps of a type: the requests of its actions, and its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script {
    /// The order of the requests.
    pub flow: Flow,
    /// The results; a script knows no others.
    pub results: &'static [ScriptResult],
}

/// A result of a step, as a script finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptResult {
    /// The name of the output.
    pub name: &'static str,
    /// Its place.
    pub found: Found,
    /// The shape of its text.
    pub shape: Shape,
}

/// The shape of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// A name: letters, digits and `.`, `_`, `~`, `-`.
    #[default]
    Name,
    /// The id of a resource group.
    ResourceGroup,
    /// The id of another resource.
    Resource,
}

impl ScriptResult {
    /// Returns a result that a JMESPath query finds in the response.
    #[must_use]
    pub const fn query(name: &'static str, query: &'static str) -> Self {
        Self { name, found: Found::Query(query), shape: Shape::Name }
    }

    /// Returns a result that is a header of the last response.
    #[must_use]
    pub const fn header(name: &'static str, header: &'static str) -> Self {
        Self { name, found: Found::Header(header), shape: Shape::Name }
    }

    /// Returns a result that is the URL of the change.
    #[must_use]
    pub const fn url(name: &'static str) -> Self {
        Self { name, found: Found::Url, shape: Shape::Name }
    }

    /// Sets the shape of the text.
    #[must_use]
    pub const fn of(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }
}

/// The order in which the requests of a step are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The only request is sent, with the further pages of a list.
    Send,
    /// The change is sent if the service answers the lookup with 404.
    UnlessFound,
    /// The change is sent unless the lookup finds the same content: its MD5 in one header, and in other headers the values
    /// that the change sends in its own.
    UnlessSame {
        /// The header with the MD5 in base64, of the answers and of the change.
        md5: &'static str,
        /// Headers of the lookup's answer, each with the header of the change that sets it.
        headers: &'static [(&'static str, &'static str)],
    },
}

/// The place of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A JMESPath query on the response.
    Query(&'static str),
    /// A header of the last response.
    Header(&'static str),
    /// The URL of the change, without its query.
    Url,
}

/// The platform, as a script sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlatformScript {
    /// Addresses that the environment of the script may change.
    pub settings: &'static [ScriptSetting],
    /// The definition of the function `token`, which prints a token of the machine for an audience.
    pub token: &'static str,
}

/// An address or a path that the environment of a script may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptSetting {
    /// The variable of the script.
    pub variable: &'static str,
    /// The variable of the environment.
    pub environment: &'static str,
    /// The usual value.
    pub value: &'static str,
    /// The options of curl for requests to URLs that begin with the value; none for a path.
    pub options: Option<&'static str>,
}
