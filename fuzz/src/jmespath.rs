use arcbook_engine::jmespath::Query;
use arcbook_engine::value::{Data, Marks, Origins, Type, Value};

/// Fuzzes a query, followed on the next lines by the JSON document that it is evaluated against.
///
/// The result is deterministic, marks do not change it, and unknown values do not contradict it.
pub fn jmespath(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (query, document) = text.split_once('\n').unwrap_or((text, "null"));
    let query = match Query::parse(query) {
        Ok(query) => query,
        Err(error) => {
            assert!(query.get(error.offset.clone()).is_some(), "{:?} is no place", error.offset);
            return;
        }
    };
    let Ok(document) = Value::parse_json(document) else { return };
    let found = query.search(&document);
    assert_eq!(query.search(&document), found, "a second time");
    let marked = query.search(&leaves(&document, &|leaf| leaf.with_marks(&Marks::sensitive("var.secret"))));
    assert_eq!(marked.map(|value| value.without_marks()).ok(), found.clone().ok(), "without marks");
    let open = query.search(&leaves(&document, &|leaf| match leaf.data() {
        Data::Number(_) => Value::unknown(Type::Any, Origins::of("step.a.b")),
        _ => leaf,
    }));
    match (open, found) {
        (Ok(open), Ok(found)) => assert!(fits(&open, &found), "{open:?} became {found:?}"),
        (Err(_), Ok(found)) => panic!("an error became {found:?}"),
        (_, Err(_)) => {}
    }
}

/// Returns the value with its leaves changed.
fn leaves(value: &Value, change: &impl Fn(Value) -> Value) -> Value {
    match value.data() {
        Data::Tuple(elements) => Value::tuple(elements.iter().map(|element| leaves(element, change))),
        Data::Object(entries) => {
            Value::object(entries.iter().map(|(name, value)| (name.clone(), leaves(value, change))))
        }
        _ => change(value.clone()),
    }
}

/// Returns whether `known` is a possible value of `open`, which may have unknown parts.
fn fits(open: &Value, known: &Value) -> bool {
    match (open.data(), known.data()) {
        (Data::Unknown(_), _) => true,
        (Data::Tuple(open), Data::Tuple(known)) => {
            open.len() == known.len() && open.iter().zip(&**known).all(|(open, known)| fits(open, known))
        }
        (Data::Object(open), Data::Object(known)) => {
            open.keys().eq(known.keys())
                && open.values().zip(known.values()).all(|(open, known)| fits(open, known))
        }
        (open, known) => open == known,
    }
}
