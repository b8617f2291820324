//! The types of values.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The type of a value, or of an argument that takes one.
///
/// `Any` is the type of what is not known yet, of `null`, and of an empty list without a given element type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Not known yet; as a constraint, anything.
    Any,
    /// `true` or `false`.
    Bool,
    /// An exact number.
    Number,
    /// Unicode text in normal form C.
    String,
    /// Values of one type, in order.
    List(Arc<Type>),
    /// Distinct values of one type.
    Set(Arc<Type>),
    /// Values of one type by name.
    Map(Arc<Type>),
    /// Values of given types, in order.
    Tuple(Arc<[Type]>),
    /// Values of given types by given names.
    Object(Arc<ObjectType>),
}

/// The attributes of an object type by name.
pub type ObjectType = BTreeMap<Arc<str>, Type>;

impl Type {
    /// A list of `element`.
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// A set of `element`.
    #[must_use]
    pub fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    /// A map of `element`.
    #[must_use]
    pub fn map(element: Self) -> Self {
        Self::Map(Arc::new(element))
    }

    /// A tuple of `elements`.
    pub fn tuple(elements: impl IntoIterator<Item = Self>) -> Self {
        Self::Tuple(elements.into_iter().collect())
    }

    /// An object with these attributes.
    pub fn object<N: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Object(Arc::new(attributes.into_iter().map(|(name, ty)| (name.into(), ty)).collect()))
    }
}
