//! Defines the types of values.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The type of a value, or a type constraint.
///
/// `Any` is the type of unknown values of unknown type, of `null`, and of empty lists without a given element
/// type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// An unknown type; as a constraint, any type.
    Any,
    /// `true` or `false`.
    Bool,
    /// An exact number.
    Number,
    /// Unicode text in normalization form C.
    String,
    /// Ordered values of one type.
    List(Arc<Type>),
    /// Distinct values of one type.
    Set(Arc<Type>),
    /// Named values of one type.
    Map(Arc<Type>),
    /// Ordered values of given types.
    Tuple(Arc<[Type]>),
    /// Named values of given types and names.
    Object(Arc<ObjectType>),
}

/// The attributes of an object type by name.
pub type ObjectType = BTreeMap<Arc<str>, Type>;

impl Type {
    /// Returns the type of a list of `element`.
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// Returns the type of a set of `element`.
    #[must_use]
    pub fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    /// Returns the type of a map of `element`.
    #[must_use]
    pub fn map(element: Self) -> Self {
        Self::Map(Arc::new(element))
    }

    /// Returns the type of a tuple of `elements`.
    pub fn tuple(elements: impl IntoIterator<Item = Self>) -> Self {
        Self::Tuple(elements.into_iter().collect())
    }

    /// Returns the type of an object with these attributes.
    pub fn object<N: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Object(Arc::new(attributes.into_iter().map(|(name, ty)| (name.into(), ty)).collect()))
    }
}
