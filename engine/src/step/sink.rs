//! Names the places where the values of arguments end.

/// The place where the value of an argument ends, as its step type declares it.
///
/// The plan follows secrets to these places. An argument without a declaration ends where the actions of its step
/// take it: in a request, in a program, or in a connection to a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sink {
    /// The place to which the actions of the step take it.
    #[default]
    Actions,
    /// The arguments of a program, which every user of the machine can read.
    Argument,
    /// The environment of a program.
    Environment,
    /// The standard input of a program, or a private file that it alone reads.
    Input,
    /// The URL of a request, which servers and proxies write into their logs.
    Url,
    /// A header of a request.
    Header,
    /// The body of a request.
    Body,
    /// The content or the metadata of a stored object, which everybody reads who may read the store.
    Object,
    /// A setting of a resource, which everybody sees who may read the resource.
    Setting,
    /// The content of a file on this machine.
    File,
    /// The path of a file or of a directory on this machine.
    Path,
    /// The text of a statement, which databases write into their logs.
    Statement,
    /// A parameter of a statement.
    Parameter,
    /// The login to a database.
    Login,
    /// The memory of arcbook: the step computes with it, compares it or waits for it.
    Memory,
}
