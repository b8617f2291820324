//! Defines values with their marks.

use std::sync::Arc;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::{Entries, Marks, Number, Origins, Pattern, TextKind, TextPart, Type, Unknown};

/// The data of a value, without its marks.
///
/// Lists, sets and maps carry their element type, so that empty ones have one too.
#[derive(Clone, PartialEq, Eq)]
pub enum Data {
    /// Null, with a type.
    Null(Type),
    /// An unknown value.
    Unknown(Box<Unknown>),
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Arc<str>),
    /// Values of one type.
    List(Type, Arc<Vec<Value>>),
    /// Distinct values of one type, in a canonical order.
    Set(Type, Arc<Vec<Value>>),
    /// Named values of one type.
    Map(Type, Arc<Entries>),
    /// Ordered values, each of its own type.
    Tuple(Arc<Vec<Value>>),
    /// Named values, each of its own type.
    Object(Arc<Entries>),
}

/// A value: data or unknown, with its marks.
///
/// The marks of a container's elements stay on the elements. Two values are equal if their data and marks
/// are. `Debug` never shows marked values.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    data: Data,
    marks: Marks,
}

impl Value {
    /// Returns a value without marks.
    #[must_use]
    pub const fn new(data: Data) -> Self {
        Self { data, marks: Marks::NONE }
    }

    /// Null without a particular type.
    pub const NULL: Self = Self::new(Data::Null(Type::Any));

    /// Returns an unknown value of type `ty` with these origins.
    #[must_use]
    pub fn unknown(ty: Type, origins: Origins) -> Self {
        Self::new(Data::Unknown(Box::new(Unknown::new(ty, origins))))
    }

    /// Returns null of type `ty`.
    #[must_use]
    pub const fn null(ty: Type) -> Self {
        Self::new(Data::Null(ty))
    }

    /// Marks an unknown value as certain not to be null.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        if let Data::Unknown(unknown) = &mut self.data {
            unknown.not_null = true;
        }
        self
    }

    /// Sets the pattern of an unknown string.
    #[must_use]
    pub(super) fn with_pattern(mut self, pattern: Option<Pattern>) -> Self {
        if let Data::Unknown(unknown) = &mut self.data {
            unknown.pattern = pattern;
        }
        self
    }

    /// Sets the kind of an unknown string.
    #[must_use]
    pub fn of_kind(self, kind: TextKind) -> Self {
        match kind {
            TextKind::Path if self.ty() == Type::String => {
                let pattern = Pattern::new([TextPart::Unknown(self.origins(), kind)]);
                self.with_pattern(Some(pattern))
            }
            _ => self,
        }
    }

    /// Returns the pattern of an unknown string, if something is known of it.
    #[must_use]
    pub fn pattern(&self) -> Option<&Pattern> {
        match &self.data {
            Data::Unknown(unknown) => unknown.pattern.as_ref(),
            _ => None,
        }
    }

    /// Returns a string, converted to Unicode normalization form C.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::new(Data::String(normalized(text.into())))
    }

    /// Returns a list of `element` with values of that type.
    #[must_use]
    pub fn list(element: Type, values: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Data::List(element, Arc::new(values.into_iter().collect())))
    }

    /// Returns a map of `element` with values of that type; a later value replaces one of the same name.
    pub fn map<N: Into<Arc<str>>>(element: Type, entries: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::new(Data::Map(element, Arc::new(by_name(entries))))
    }

    /// Returns a tuple.
    pub fn tuple(elements: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Data::Tuple(Arc::new(elements.into_iter().collect())))
    }

    /// Returns an object; a later value replaces one of the same name.
    pub fn object<N: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::new(Data::Object(Arc::new(by_name(attributes))))
    }

    /// Returns a map of strings.
    pub fn string_map<N: Into<Arc<str>>, S: Into<Arc<str>>>(
        entries: impl IntoIterator<Item = (N, S)>,
    ) -> Self {
        Self::map(Type::String, entries.into_iter().map(|(name, text)| (name, Self::string(text))))
    }

    /// Returns the data.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Returns the data, owned.
    #[must_use]
    pub fn into_data(self) -> Data {
        self.data
    }

    /// Returns the marks of the value itself, without those of its elements.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Adds marks.
    #[must_use]
    pub fn with_marks(mut self, marks: &Marks) -> Self {
        self.marks.add(marks);
        self
    }

    /// Replaces the marks.
    #[must_use]
    pub fn with_only_marks(mut self, marks: Marks) -> Self {
        self.marks = marks;
        self
    }

    /// Returns true if the value itself is unknown; its elements may be in any case.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.data, Data::Unknown(_))
    }

    /// Returns true if the value is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    /// Returns true if the value itself is sensitive; its elements may be in any case.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.marks.is_sensitive()
    }

    /// Returns true if the value itself is marked, and so must not be shown; its elements may be in any case.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Returns the string, if the value is a known string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the type; `Any` if it is unknown.
    #[must_use]
    pub fn ty(&self) -> Type {
        match &self.data {
            Data::Null(ty) => ty.clone(),
            Data::Unknown(unknown) => unknown.ty.clone(),
            Data::Bool(_) => Type::Bool,
            Data::Number(_) => Type::Number,
            Data::String(_) => Type::String,
            Data::List(element, _) => Type::list(element.clone()),
            Data::Set(element, _) => Type::set(element.clone()),
            Data::Map(element, _) => Type::map(element.clone()),
            Data::Tuple(elements) => Type::tuple(elements.iter().map(Self::ty)),
            Data::Object(entries) => {
                Type::object(entries.iter().map(|(name, value)| (Arc::clone(name), value.ty())))
            }
        }
    }

    /// Replaces the direct children; `change` must keep their types, and the order of a set.
    fn with_children(&self, mut change: impl FnMut(&Self) -> Self) -> Self {
        let mut list = |all: &Arc<Vec<Self>>| Arc::new(all.iter().map(&mut change).collect::<Vec<_>>());
        let data = match &self.data {
            Data::List(ty, all) => Data::List(ty.clone(), list(all)),
            Data::Set(ty, all) => Data::Set(ty.clone(), list(all)),
            Data::Tuple(all) => Data::Tuple(list(all)),
            Data::Map(ty, all) => Data::Map(ty.clone(), Arc::new(changed(all, change))),
            Data::Object(all) => Data::Object(Arc::new(changed(all, change))),
            other => other.clone(),
        };
        Self { data, marks: self.marks.clone() }
    }

    /// Removes all marks, at any depth.
    #[must_use]
    pub fn without_marks(&self) -> Self {
        if self.has_deep_marks() {
            self.with_children(Self::without_marks).with_only_marks(Marks::NONE)
        } else {
            self.clone()
        }
    }

    /// Replaces every ephemeral part by null; an unknown one stays unknown, since its type may be too.
    #[must_use]
    pub fn ephemeral_as_null(&self) -> Self {
        if !self.deep_marks().is_ephemeral() {
            return self.clone();
        }
        if !self.marks.is_ephemeral() {
            return self.with_children(Self::ephemeral_as_null);
        }
        let null = match &self.data {
            Data::Unknown(unknown) => Self::unknown(unknown.ty.clone(), unknown.origins.clone()),
            _ => Self::null(self.ty()),
        };
        null.with_only_marks(self.marks.without_ephemeral())
    }

    /// Returns true if the value has a mark, at any depth.
    #[must_use]
    pub fn has_deep_marks(&self) -> bool {
        self.is_marked() || self.children().any(Self::has_deep_marks)
    }

    /// Returns the direct children: the elements, or the values of the names.
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        let (elements, entries) = match &self.data {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                (Some(elements), None)
            }
            Data::Map(_, entries) | Data::Object(entries) => (None, Some(entries)),
            _ => (None, None),
        };
        elements
            .into_iter()
            .flat_map(|all| all.iter())
            .chain(entries.into_iter().flat_map(|all| all.values()))
    }

    /// Returns true if no part of the value is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        !self.is_unknown() && self.children().all(Self::is_wholly_known)
    }

    /// Returns the origins of the value and its contents.
    #[must_use]
    pub fn origins(&self) -> Origins {
        let mut all = Origins::default();
        self.collect_origins(&mut all);
        all
    }

    fn collect_origins(&self, all: &mut Origins) {
        if let Data::Unknown(unknown) = &self.data {
            all.add(&unknown.origins);
        }
        self.children().for_each(|child| child.collect_origins(all));
    }

    /// Returns the marks of the value and its contents.
    #[must_use]
    pub fn deep_marks(&self) -> Marks {
        let mut all = Marks::NONE;
        self.collect_marks(&mut all);
        all
    }

    fn collect_marks(&self, all: &mut Marks) {
        all.add(&self.marks);
        self.children().for_each(|child| child.collect_marks(all));
    }
}

/// Collects values by name in normalization form C.
fn by_name<N: Into<Arc<str>>>(entries: impl IntoIterator<Item = (N, Value)>) -> Entries {
    entries.into_iter().map(|(name, value)| (normalized(name.into()), value)).collect()
}

fn changed(entries: &Entries, mut change: impl FnMut(&Value) -> Value) -> Entries {
    entries.iter().map(|(name, value)| (Arc::clone(name), change(value))).collect()
}

pub(super) fn normalized(text: Arc<str>) -> Arc<str> {
    if is_nfc(&text) { text } else { text.nfc().collect::<String>().into() }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::new(Data::Bool(value))
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Self::new(Data::Number(value))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::new(Data::Number(value.into()))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::new(Data::Number(value.into()))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::new(Data::Number(value.into()))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::string(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::string(value)
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(word) = self.marks.word() {
            return write!(f, "({word})");
        }
        match &self.data {
            Data::Null(_) => f.write_str("null"),
            Data::Unknown(unknown) => write!(f, "{unknown}"),
            Data::Bool(value) => write!(f, "{value}"),
            Data::Number(value) => write!(f, "{value}"),
            Data::String(value) => write!(f, "{value:?}"),
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                f.debug_list().entries(elements.iter()).finish()
            }
            Data::Map(_, entries) | Data::Object(entries) => f.debug_map().entries(entries.iter()).finish(),
        }
    }
}
