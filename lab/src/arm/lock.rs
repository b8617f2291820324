//! Locks, which exclude changes at their scope and below it.

use hyper::Method;
use serde_json::Value;

use super::id::Id;
use super::resource::Resource;
use super::store::State;
use crate::access::is_within;
use crate::world::LOCK_TYPE;

impl Resource {
    pub(super) fn is_lock(&self) -> bool {
        self.type_name.eq_ignore_ascii_case(LOCK_TYPE)
    }

    /// Returns whether a lock leaves resources as they are, beyond keeping them from being deleted.
    fn is_read_only(&self) -> bool {
        let level = self.body.get("properties").and_then(|properties| properties.get("level"));
        level.and_then(Value::as_str).is_some_and(|level| level.eq_ignore_ascii_case("ReadOnly"))
    }
}

impl State {
    /// Returns the scope of a lock that excludes a change of the resource `id`. A deletion is excluded by locks of the
    /// resources below, too.
    pub(super) fn locked_scope(&self, id: &str, method: &Method) -> Option<String> {
        if Id::parse(id).is_some_and(|id| id.type_name().eq_ignore_ascii_case(LOCK_TYPE)) {
            return None;
        }
        let deletes = method == Method::DELETE;
        self.all().filter(|lock| lock.is_lock() && (deletes || lock.is_read_only())).find_map(|lock| {
            let scope = Id::parse(&lock.id)?.scope();
            (is_within(id, &scope) || (deletes && is_within(&scope, id))).then_some(scope)
        })
    }
}
