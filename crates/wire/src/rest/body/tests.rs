//! What the decoder accepts, and which field it names when it does not.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{BodyError, FieldError, FieldErrorKind, MAX_VALUES, decode, decode_query};

const JSON: Option<&str> = Some("application/json");
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Sample {
    count: Option<i64>,
    small: Option<u8>,
    large: Option<u64>,
    flag: Option<bool>,
    text: Option<String>,
    mode: Option<Mode>,
    group: Option<Vec<String>>,
    metadata: Option<BTreeMap<String, String>>,
    tip: Option<Tip>,
    nested: Option<Box<Sample>>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Fixed,
    Percent,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tip {
    mode: Mode,
    amounts: Option<Vec<u16>>,
}

fn refused(content_type: Option<&str>, body: &str) -> FieldError {
    match decode::<Sample>(content_type, body.as_bytes()) {
        Err(BodyError::Field(error)) => error,
        other => panic!("{body} decoded to {other:?}"),
    }
}

#[test]
fn json_and_form_say_the_same() {
    let json = br#"{"count":-3,"small":7,"flag":true,"text":"a b\u00e9","mode":"fixed","group":["x","y"],
        "metadata":{"k":"v","0":"z"},"tip":{"mode":"percent","amounts":[1,2]}}"#;
    let form = b"count=-3&small=7&flag=true&text=a+b%C3%A9&mode=fixed&group[]=x&group[]=y\
        &metadata[k]=v&metadata%5B0%5D=z&tip[mode]=percent&tip[amounts][1]=2&tip[amounts][0]=1";
    let expected = Sample {
        count: Some(-3),
        small: Some(7),
        flag: Some(true),
        text: Some("a bé".to_owned()),
        mode: Some(Mode::Fixed),
        group: Some(vec!["x".to_owned(), "y".to_owned()]),
        metadata: Some(BTreeMap::from([("k", "v"), ("0", "z")].map(|(k, v)| (k.to_owned(), v.to_owned())))),
        tip: Some(Tip { mode: Mode::Percent, amounts: Some(vec![1, 2]) }),
        ..Sample::default()
    };
    assert_eq!(decode::<Sample>(JSON, json), Ok(expected));
    assert_eq!(decode::<Sample>(FORM, form), decode::<Sample>(JSON, json));
}

#[test]
fn the_media_type_decides() {
    for good in [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\"; x=y",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
    ] {
        assert_eq!(decode::<Sample>(Some(good), b""), Ok(Sample::default()), "{good}");
    }
    for bad in
        ["", "text/plain", "application/json; charset=latin1", "application/jsonx", "multipart/form-data"]
    {
        assert_eq!(decode::<Sample>(Some(bad), b""), Err(BodyError::UnsupportedMediaType), "{bad}");
    }
    assert_eq!(decode::<Sample>(None, b""), Ok(Sample::default()));
    assert_eq!(decode::<Sample>(None, b"{}"), Err(BodyError::UnsupportedMediaType));
}

#[test]
fn null_is_an_absent_option() {
    assert_eq!(decode::<Sample>(JSON, br#"{"count":null,"tip":null}"#), Ok(Sample::default()));
}

#[test]
fn refusals_in_json_name_the_field() {
    use FieldErrorKind::{Duplicate, Invalid, Malformed, Missing, TooMuch, Unknown, WrongType};
    let table: &[(&str, Option<&str>, FieldErrorKind)] = &[
        ("[]", None, WrongType),
        ("null", None, WrongType),
        ("{", None, Malformed),
        ("{}{}", None, Malformed),
        ("", None, Malformed), // replaced by a space below: empty bodies are empty objects
        (r#"{"cuont":1}"#, Some("cuont"), Unknown),
        (r#"{"tip":{"mode":"fixed","x":1}}"#, Some("tip[x]"), Unknown),
        (r#"{"tip":{}}"#, Some("tip[mode]"), Missing),
        (r#"{"nested":{"nested":{"tip":{}}}}"#, Some("nested[nested][tip][mode]"), Missing),
        (r#"{"count":"1"}"#, Some("count"), WrongType),
        (r#"{"count":12.0}"#, Some("count"), WrongType),
        (r#"{"count":1e2}"#, Some("count"), WrongType),
        (r#"{"count":99999999999999999999}"#, Some("count"), WrongType),
        (r#"{"count":9223372036854775808}"#, Some("count"), Invalid),
        (r#"{"small":256}"#, Some("small"), Invalid),
        (r#"{"large":-1}"#, Some("large"), Invalid),
        (r#"{"flag":"true"}"#, Some("flag"), WrongType),
        (r#"{"flag":1}"#, Some("flag"), WrongType),
        (r#"{"text":1}"#, Some("text"), WrongType),
        (r#"{"mode":"none"}"#, Some("mode"), Invalid),
        (r#"{"mode":1}"#, Some("mode"), WrongType),
        (r#"{"group":"x"}"#, Some("group"), WrongType),
        (r#"{"group":{"0":"x"}}"#, Some("group"), WrongType),
        (r#"{"group":["x",2]}"#, Some("group[1]"), WrongType),
        (r#"{"group":["x",null]}"#, Some("group[1]"), WrongType),
        (r#"{"metadata":{"k":1}}"#, Some("metadata[k]"), WrongType),
        (r#"{"metadata":{"k":null}}"#, Some("metadata[k]"), WrongType),
        (r#"{"metadata":["k"]}"#, Some("metadata"), WrongType),
        (r#"{"tip":{"mode":"fixed","amounts":[1,70000]}}"#, Some("tip[amounts][1]"), Invalid),
        (r#"{"count":1,"count":1}"#, Some("count"), Duplicate),
        (r#"{"metadata":{"k":"a","k":"b"}}"#, Some("metadata[k]"), Duplicate),
        (r#"{"a":{"b":{"c":{"d":{"e":{}}}}}}"#, Some("a[b][c][d][e]"), TooMuch),
        (r#"{"a":[[[[[]]]]]}"#, Some("a[0][0][0][0]"), TooMuch),
    ];
    for (body, param, kind) in table {
        let error = refused(JSON, if body.is_empty() { " " } else { body });
        assert_eq!((error.param.as_deref(), error.kind), (*param, *kind), "{body}: {error}");
    }
}

#[test]
fn refusals_in_forms_name_the_field() {
    use FieldErrorKind::{Duplicate, Invalid, Malformed, Missing, TooMuch, Unknown, WrongType};
    let table: &[(&str, Option<&str>, FieldErrorKind)] = &[
        ("cuont=1", Some("cuont"), Unknown),
        ("count", Some("count"), WrongType),
        ("count=", Some("count"), WrongType),
        ("count=1.0", Some("count"), WrongType),
        ("count=%2B1", Some("count"), WrongType),
        ("count=+1", Some("count"), WrongType),
        ("count=007", Some("count"), WrongType),
        ("count=-", Some("count"), WrongType),
        ("count=99999999999999999999", Some("count"), Invalid),
        ("small=256", Some("small"), Invalid),
        ("flag=yes", Some("flag"), WrongType),
        ("mode=none", Some("mode"), Invalid),
        ("tip[x]=1", Some("tip[x]"), Unknown),
        ("tip[amounts][]=1", Some("tip[mode]"), Missing),
        ("tip[mode]=fixed&tip[amounts][]=x", Some("tip[amounts][0]"), WrongType),
        ("group[1]=x", Some("group[1]"), Invalid),
        ("group[0]=x&group[00]=y", Some("group[00]"), Invalid),
        ("group=x", Some("group"), WrongType),
        ("metadata[]=x", Some("metadata"), WrongType),
        ("metadata=x", Some("metadata"), WrongType),
        ("metadata[a][b]=x", Some("metadata[a]"), WrongType),
        ("count=1&count=2", Some("count"), Duplicate),
        ("group[]=x&group[0]=y", Some("group[0]"), Duplicate),
        ("metadata[k]=a&metadata=b", Some("metadata"), Duplicate),
        ("metadata=b&metadata[k]=a", Some("metadata[k]"), Duplicate),
        ("metadata[k=a", Some("metadata[k"), Malformed),
        ("metadata]k[=a", Some("metadata]k["), Malformed),
        ("metadata[k]x=a", Some("metadata[k]x"), Malformed),
        ("metadata[[k]]=a", Some("metadata[[k]]"), Malformed),
        ("group[][x]=a", Some("group[][x]"), Malformed),
        ("[k]=a", Some("[k]"), Malformed),
        ("=a", Some(""), Malformed),
        ("text=%FF", Some("text"), Malformed),
        ("%FF=text", None, Malformed),
        ("a[b][c][d][e][f]=1", Some("a[b][c][d][e][f]"), TooMuch),
    ];
    for (body, param, kind) in table {
        let error = refused(FORM, body);
        assert_eq!((error.param.as_deref(), error.kind), (*param, *kind), "{body}: {error}");
    }
}

#[test]
fn the_fifth_level_is_still_read() {
    let nested = decode::<Sample>(JSON, br#"{"nested":{"nested":{"nested":{"metadata":{"k":"v"}}}}}"#);
    assert!(nested.is_ok(), "{nested:?}");
    let form = b"nested[nested][nested][metadata][k]=v";
    assert_eq!(decode::<Sample>(FORM, form), nested);
}

#[test]
fn broken_percent_signs_are_literal() {
    let sample: Sample = decode(FORM, b"text=100%&metadata[k]=%zz").unwrap();
    assert_eq!(sample.text.as_deref(), Some("100%"));
    assert_eq!(sample.metadata.unwrap()["k"], "%zz");
}

#[test]
fn bytes_that_are_not_utf8_are_named() {
    let error = decode::<Sample>(JSON, b"{\"text\":\"\xFF\"}").unwrap_err();
    assert_eq!(error.to_string(), "the body is not UTF-8 at byte 9");
}

#[test]
fn the_number_of_values_is_limited() {
    let list = |n: usize| format!("{{\"group\":[{}]}}", vec!["\"x\""; n].join(","));
    assert!(decode::<Sample>(JSON, list(MAX_VALUES - 2).as_bytes()).is_ok());
    let error = refused(JSON, &list(MAX_VALUES - 1));
    assert_eq!(error.kind, FieldErrorKind::TooMuch);
    assert_eq!(error.param, Some(format!("group[{}]", MAX_VALUES - 2)));
    let pairs: Vec<String> = (0..=MAX_VALUES).map(|i| format!("a{i}=1")).collect();
    assert_eq!(refused(FORM, &pairs.join("&")).kind, FieldErrorKind::TooMuch);
}

#[test]
fn errors_repeat_no_value_and_no_endless_key() {
    let number = "4242424242424242x";
    for body in ["count", "mode", "flag"].map(|field| format!("{{\"{field}\":\"{number}\"}}")) {
        assert!(!refused(JSON, &body).to_string().contains("4242"), "{body}");
    }
    for body in ["count", "mode", "small", "group[5]"].map(|field| format!("{field}={number}")) {
        assert!(!refused(FORM, &body).to_string().contains("4242"), "{body}");
    }
    let long = "k".repeat(100_000);
    for error in [refused(JSON, &format!("{{\"{long}\":1}}")), refused(FORM, &format!("{long}=1"))] {
        let param = error.param.unwrap();
        assert_eq!(param.chars().count(), 65);
        assert!(param.ends_with('…'));
    }
}

#[test]
fn queries_follow_the_rules_of_forms() {
    assert_eq!(decode_query::<Sample>(""), Ok(Sample::default()));
    assert_eq!(decode_query::<Sample>("count=5&&").unwrap().count, Some(5));
    assert_eq!(decode_query::<Sample>("cuont=5").unwrap_err().param.as_deref(), Some("cuont"));
}
