use super::super::testing::invoke;
use crate::value::{Origins, Type, Value};

fn unknown(ty: Type) -> Value {
    Value::unknown(ty, Origins::of("step.a"))
}

fn later(text: &str) -> Value {
    unknown(ty(text))
}

/// Parses a short name of a type: `n` number, `b` bool, `x` string, `?` any, or a collection followed by its elements,
/// `l` list, `s` set, `m` map, `t` tuple, `o` object with the attributes `a`, `b` and so on.
fn ty(text: &str) -> Type {
    let inner = |text: &str| text.chars().map(|c| ty(&c.to_string())).collect::<Vec<_>>();
    let one = |text: &str| ty(&text[1..]);
    match text {
        "n" => Type::Number,
        "b" => Type::Bool,
        "x" => Type::String,
        "?" => Type::Any,
        _ if text.starts_with('l') => Type::list(one(text)),
        _ if text.starts_with('s') => Type::set(one(text)),
        _ if text.starts_with('m') => Type::map(one(text)),
        _ if text.starts_with('t') => Type::tuple(inner(&text[1..])),
        _ if text.starts_with('o') => Type::object(["a", "b", "c"].into_iter().zip(inner(&text[1..]))),
        _ => unreachable!("{text}"),
    }
}

/// Returns an argument: JSON after `=`, or an unknown value of a type.
fn argument(text: &str) -> Value {
    match text.strip_prefix('=') {
        Some(json) => Value::parse_json(json).unwrap(),
        None => later(text),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn unknown_collections_keep_their_type() {
    // The function, its arguments, and the type of the result.
    let cases = [
        ("reverse", "lx", "lx"),
        ("reverse", "sn", "ln"),
        ("reverse", "txn", "tnx"),
        ("reverse", "?", "?"),
        ("concat", "lx lx", "lx"),
        ("concat", "lx ln", "lx"),
        ("concat", "lx =[1]", "?"),
        ("concat", "tx =[1]", "txn"),
        ("concat", "tx tn", "txn"),
        ("concat", "ln lmx", "?"),
        ("concat", "lx ?", "?"),
        ("concat", "? =[1]", "?"),
        ("concat", "l? lx", "?"),
        ("zipmap", "=[\"p\"] ln", "mn"),
        ("zipmap", "lx ln", "mn"),
        ("zipmap", "=[\"a\",\"b\"] txn", "oxn"),
        ("zipmap", "lx txn", "?"),
        ("zipmap", "lx ?", "?"),
        ("values", "mn", "ln"),
        ("values", "oxn", "txn"),
        ("values", "?", "?"),
        ("keys", "mn", "lx"),
        ("keys", "?", "?"),
        ("merge", "mn mn", "mn"),
        ("merge", "mn", "mn"),
        ("merge", "mn mx", "?"),
        ("merge", "m? mx", "?"),
        ("merge", "oxn =null", "?"),
        ("merge", "oxn ob", "obn"),
        ("merge", "oxn", "oxn"),
        ("merge", "ox mn", "?"),
        ("merge", "? ox", "?"),
        ("distinct", "lx", "lx"),
        ("distinct", "txn", "lx"),
        ("distinct", "sn", "ln"),
        ("distinct", "?", "l?"),
        ("slice", "ln =0 =1", "ln"),
        ("slice", "ln n n", "ln"),
        ("slice", "txnb =1 =3", "tnb"),
        ("slice", "txnb n =3", "?"),
        ("slice", "? =0 =1", "?"),
        ("sort", "lx", "lx"),
        ("sort", "?", "lx"),
        ("flatten", "lln", "?"),
        ("setunion", "sx sx", "sx"),
        ("setunion", "sx =[1]", "sx"),
        ("setunion", "sn ?", "sn"),
        ("setintersection", "sn sn", "sn"),
        ("setsubtract", "sn lx", "sx"),
        ("setproduct", "sx =[1]", "stxn"),
        ("setproduct", "lx =[1]", "ltxn"),
        ("setproduct", "ln txn", "ltnx"),
        ("setproduct", "lx ?", "?"),
        ("toset", "lx", "sx"),
        ("toset", "txn", "sx"),
        ("toset", "?", "s?"),
        ("tolist", "sn", "ln"),
        ("tolist", "tnn", "ln"),
        ("tomap", "onn", "mn"),
        ("tomap", "oxn", "mx"),
        ("tostring", "n", "x"),
        ("chunklist", "lx =2", "llx"),
        ("chunklist", "txn =2", "llx"),
        ("chunklist", "lx n", "llx"),
        ("compact", "lx", "lx"),
        ("compact", "?", "lx"),
        ("lookup", "mn =\"a\" =1", "n"),
        ("lookup", "mx =\"a\" =1", "x"),
        ("lookup", "mx x =1", "x"),
        ("lookup", "oxn =\"b\"", "n"),
        ("lookup", "oxn =\"z\" =true", "b"),
        ("lookup", "oxn x", "?"),
        ("lookup", "? =\"a\" =1", "?"),
        ("element", "lx =7", "x"),
        ("element", "lx n", "x"),
        ("element", "txn =-1", "n"),
        ("element", "txn n", "?"),
        ("element", "? =0", "?"),
        ("one", "lx", "x"),
        ("one", "sn", "n"),
        ("one", "tn", "n"),
        ("one", "?", "?"),
        ("matchkeys", "ln lx lx", "ln"),
        ("transpose", "mlx", "mlx"),
        ("coalesce", "x n", "x"),
        ("coalescelist", "lx lx", "lx"),
        ("coalescelist", "lx ln", "?"),
        ("regexall", "=\"(a)\" x", "ltx"),
        ("regex", "=\"(?P<a>.)(?P<b>.)\" x", "oxx"),
        ("sensitive", "lx", "lx"),
        ("length", "lx", "n"),
        ("split", "=\",\" x", "lx"),
    ];
    for (name, arguments, expected) in cases {
        let values: Vec<Value> = arguments.split(' ').map(argument).collect();
        let found = invoke(name, &values).unwrap_or_else(|error| panic!("{name} {arguments}: {error}"));
        assert!(found.is_unknown(), "{name} {arguments}: {found:?}");
        assert_eq!(found.ty(), ty(expected), "{name} {arguments}");
    }
}

#[test]
fn what_the_type_alone_says_is_known() {
    let cases = [("keys", "oxn", "[\"a\",\"b\"]"), ("length", "oxn", "2"), ("length", "txnb", "3")];
    for (name, argument, expected) in cases {
        assert_eq!(invoke(name, &[later(argument)]).unwrap().to_json_text().unwrap(), expected, "{name}");
    }
}

#[test]
fn what_can_never_be_right_is_refused_while_it_is_not_known() {
    let cases = [
        ("reverse", "x", "can only reverse list or tuple values, not string"),
        ("reverse", "mx", "can only reverse list or tuple values, not map of string"),
        ("concat", "lx x", "all arguments must be lists or tuples; got string"),
        ("concat", "? x", "all arguments must be lists or tuples; got string"),
        ("zipmap", "lx x", "values argument must be a list or tuple value"),
        ("zipmap", "lx sx", "values argument must be a list or tuple value"),
        ("values", "lx", "values() requires a map as the first argument"),
        ("keys", "lx", "must have map or object type"),
        ("merge", "mx lx", "arguments must be maps or objects, got \"list of string\""),
        ("distinct", "x", "list of any single type required"),
        ("slice", "sx =0 =1", "must be a list or tuple value"),
        ("slice", "x n n", "must be a list or tuple value"),
        ("sort", "n", "list of string required"),
        ("flatten", "x", "can only flatten lists, sets and tuples"),
        ("setunion", "sn sb", "given sets must all have compatible element types"),
        ("setunion", "x", "set of any single type required"),
        ("setproduct", "mx lx", "a set or a list is required"),
        ("setproduct", "tnb lx", "all elements must be of the same type"),
        ("toset", "x", "cannot convert string to set of any single type"),
        ("tolist", "mx", "cannot convert map of string to list of any single type"),
        ("tonumber", "lx", "cannot convert list of string to number"),
        ("chunklist", "x =2", "list of any single type required"),
        ("compact", "mx", "list of string required"),
        ("lookup", "lx =\"a\" =1", "lookup() requires a map as the first argument"),
        ("lookup", "mn =\"a\" =[]", "the default value must have the same type as the map elements"),
        ("lookup", "oxn =\"z\"", "the given object has no attribute \"z\""),
        ("element", "sx =0", "cannot read elements from set of string"),
        ("element", "t =0", "cannot use element function with an empty list"),
        ("one", "txn", "must be a list, set, or tuple value with either zero or one elements"),
        ("one", "x", "must be a list, set, or tuple value with either zero or one elements"),
        ("coalescelist", "x", "coalescelist arguments must be lists or tuples"),
        ("regex", "=\"(\" x", "invalid regexp pattern: unclosed group"),
    ];
    for (name, arguments, reason) in cases {
        let values: Vec<Value> = arguments.split(' ').map(argument).collect();
        let error = invoke(name, &values).expect_err(&format!("{name} {arguments}"));
        assert!(error.to_string().ends_with(reason), "{name} {arguments}: {error}");
    }
}
