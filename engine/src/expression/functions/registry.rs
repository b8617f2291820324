//! Registers all functions by name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Function;

/// The functions of every family.
const FAMILIES: &[&[Function]] = &[
    super::cipher::FUNCTIONS,
    super::collection::FUNCTIONS,
    super::conversion::FUNCTIONS,
    super::date::FUNCTIONS,
    super::encoding::FUNCTIONS,
    super::file::FUNCTIONS,
    super::format::FUNCTIONS,
    super::hash::FUNCTIONS,
    super::list::FUNCTIONS,
    super::mapping::FUNCTIONS,
    super::network::FUNCTIONS,
    super::numeric::FUNCTIONS,
    super::path::FUNCTIONS,
    super::query::FUNCTIONS,
    super::regex::FUNCTIONS,
    super::sensitivity::FUNCTIONS,
    super::sets::FUNCTIONS,
    super::string::FUNCTIONS,
    super::terraform::FUNCTIONS,
    super::yaml::FUNCTIONS,
];

static BY_NAME: LazyLock<BTreeMap<&'static str, &'static Function>> = LazyLock::new(|| {
    FAMILIES.iter().copied().flatten().map(|function| (function.name(), function)).collect()
});

/// Returns the function with that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    BY_NAME.get(name).copied()
}

/// Returns the names of all functions, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    BY_NAME.keys().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_declared_twice() {
        assert_eq!(names().count(), FAMILIES.iter().map(|family| family.len()).sum::<usize>());
    }

    #[test]
    fn every_function_is_described_in_one_sentence() {
        for function in names().filter_map(find) {
            let text = function.description();
            assert!(text.ends_with('.') && !text.contains('\n'), "{}: {text}", function.name());
        }
    }
}
