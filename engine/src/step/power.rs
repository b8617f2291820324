//! Defines the decisions of a step type's arguments.

/// The decisions of a step type's arguments beyond the actions that its steps perform.
///
/// A permission says that a step may assign roles, and not which; a program says that a shell runs, and not what it reads. So a
/// comparison of two runbooks counts every change of such an argument as one of power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Power {
    /// The actions say it all.
    #[default]
    Actions,
    /// The rights that somebody gets, among them those over a machine, or the settings of a resource that may give rights.
    Rights,
    /// The code that runs here or on another machine.
    Code,
    /// The content of a file, which is code if a program reads or runs it.
    Content,
    /// A request, which may be any one: it counts with a token or another secret, or if it may change something.
    Request,
}
