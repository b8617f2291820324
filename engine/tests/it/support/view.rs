//! The view of a plan with every part.

use arcbook_engine::diagnostic::Style;
use arcbook_engine::plan::PlanView;

/// Returns the view with every part of a plan, so wide that no line wraps.
pub fn full() -> PlanView {
    PlanView {
        style: Style { color: false, width: 1000 },
        requests: true,
        verbose: true,
        ..PlanView::default()
    }
}
