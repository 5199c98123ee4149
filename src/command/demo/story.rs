//! What there is to try, one line after the other.

use super::INTERNAL;
use crate::app::Addresses;

/// A step of the story.
pub(super) struct Step {
    pub(super) does: &'static str,
    /// Who does it, for ada unless it is the internal service.
    pub(super) service: &'static str,
    call: Call,
}

/// How a step is done.
enum Call {
    /// A request to this path, with this body.
    Post(&'static str, &'static str),
    /// A request to this path.
    Get(&'static str),
    /// A call of this method, with this message.
    Rpc(&'static str, &'static str),
}

const fn step(does: &'static str, service: &'static str, call: Call) -> Step {
    Step {
        does,
        service,
        call,
    }
}

pub(super) const STEPS: [Step; 16] = [
    step(
        "My Test Client acquires two attributes for ada, which creates them",
        "test500",
        Call::Post(
            "acquire/?success_objects=1",
            r#"[{"template":"steps","manual":false},{"template":"mood"}]"#,
        ),
    ),
    step(
        "it creates one that no template has",
        "test500",
        Call::Post(
            "create/",
            r#"[{"label":"Cups of tea","group":"custom","value_type":0}]"#,
        ),
    ),
    step("it lists what it owns", "test500", Call::Get("owned/")),
    step(
        "it writes: the steps of a day",
        "test500",
        Call::Post(
            "update/",
            r#"[{"name":"steps","date":"2026-01-31","value":4200}]"#,
        ),
    ),
    step(
        "it adds to what today has",
        "test500",
        Call::Post("increment/", r#"[{"name":"cups_of_tea","value":1}]"#),
    ),
    step(
        "Oura takes the steps over: the last to ask is the owner",
        "oura",
        Call::Post("acquire/", r#"[{"name":"steps"}]"#),
    ),
    step(
        "My Test Client writes again, and is refused: unauthorised",
        "test500",
        Call::Post(
            "update/",
            r#"[{"name":"steps","date":"2026-01-31","value":4300}]"#,
        ),
    ),
    step(
        "Oura writes",
        "oura",
        Call::Post(
            "update/",
            r#"[{"name":"steps","date":"2026-01-31","value":9000}]"#,
        ),
    ),
    step(
        "whoever may read sees the values",
        "test500",
        Call::Get("values/?attribute=steps"),
    ),
    step(
        "Oura releases them again, and My Test Client inherits",
        "oura",
        Call::Post("release/", r#"[{"name":"steps"}]"#),
    ),
    step(
        "which so may write again",
        "test500",
        Call::Post(
            "increment/",
            r#"[{"name":"steps","date":"2026-01-31","value":100}]"#,
        ),
    ),
    step(
        "an internal service reads who owned the steps, and why that changed",
        INTERNAL,
        Call::Get("ownership/events/?user=ada&attribute=steps"),
    ),
    step(
        "the same over gRPC: Withings acquires",
        "withings",
        Call::Rpc("AcquireAttributes", r#"{"items":[{"template":"steps"}]}"#),
    ),
    step(
        "Withings lists what it owns",
        "withings",
        Call::Rpc("ListOwnedAttributes", "{}"),
    ),
    step(
        "before a write, the internal service asks whether Withings may",
        INTERNAL,
        Call::Rpc(
            "CheckOwnership",
            r#"{"items":[{"user":"ada","attribute":"steps","service":"withings"}]}"#,
        ),
    ),
    step(
        "Withings releases",
        "withings",
        Call::Rpc("ReleaseAttributes", r#"{"items":[{"name":"steps"}]}"#),
    ),
];

impl Step {
    /// As a line for a shell.
    pub(super) fn line(&self, token: &str, addresses: Addresses) -> String {
        let rest = format!("http://{}/api/2/attributes", addresses.http);
        let bearer = format!("-H 'Authorization: Bearer {token}'");
        match self.call {
            Call::Get(path) => format!("curl -sS '{rest}/{path}' {bearer}"),
            Call::Post(path, body) => {
                let json = "-H 'Content-Type: application/json'";
                format!("curl -sS -X POST '{rest}/{path}' {bearer} {json} -d '{body}'")
            }
            Call::Rpc(method, message) => {
                let rpc = format!("attributeownership.v1.AttributeOwnership/{method}");
                let address = addresses.grpc;
                format!("grpcurl -plaintext {bearer} -d '{message}' {address} {rpc}")
            }
        }
    }
}
