use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::plan::PlanView;
use arcbook_engine::plan::file::{PlanFile, canonical, show};
use serde_json::Value as Json;

/// Fuzzes a plan file, as it is and in canonical layout, so that the reader gets past the layout check.
pub fn plan(input: &[u8]) {
    check(input);
    if let Ok(json) = serde_json::from_slice::<Json>(input) {
        let text = canonical(&json);
        let again: Json = serde_json::from_str(&text).expect("it is JSON again");
        assert_eq!(again, json, "nothing is lost");
        check(text.as_bytes());
    }
}

fn check(input: &[u8]) {
    match PlanFile::read(input) {
        Ok(plan) => {
            assert_eq!(plan.text().as_bytes(), input, "there is one text");
            assert!(!show(&plan, &PlanView::default()).is_empty());
            assert!(plan.differences(&plan, "").is_empty(), "it is the same as itself");
            let _ = (plan.values().count(), plan.withheld().count(), plan.clock(), plan.salt());
        }
        Err(error) => assert!(!Diagnostic::from(error).help.is_empty()),
    }
}
