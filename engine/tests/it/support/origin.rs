//! The origin of runs in tests.

use arcbook_engine::run::{Approval, Origin, Versions};
use arcbook_engine::step::Actor;

/// Returns an origin that is the same on every machine.
pub fn origin() -> Origin {
    let text = |text: &str| Some(text.to_owned());
    Origin {
        by: Actor { user: text("root"), uid: Some(0), sudo_user: text("ann"), host: text("web01") },
        command: ["arcbook", "run", "-var region=…"].map(ToOwned::to_owned).into(),
        versions: Versions {
            arcbook: "0".to_owned(),
            os: text("Test 1"),
            kernel: text("Linux 1"),
            architecture: "x86_64".to_owned(),
        },
        approval: Approval::AutoApprove,
    }
}
