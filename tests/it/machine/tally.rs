//! What came up in a run, so that it cannot become weak unnoticed.

use crate::model::{Answer, Operation, Outcome};
use std::collections::BTreeMap;
use tenure::proto::FailureCode;

/// How often each thing came up, by what was asked for.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<String, usize>);

/// What must come up, besides every failure code of the proto.
const MUST: [&str; 100] = [
    "account PermissionDenied NOT_A_USER",
    "account Unauthenticated TOKEN_INVALID",
    "account done",
    "acquire ACQUIRED",
    "acquire ACTIVATED",
    "acquire CREATED",
    "acquire MANUAL_CHANGED",
    "acquire PermissionDenied NOT_A_CLIENT",
    "acquire TAKEN",
    "acquire Unauthenticated TOKEN_INVALID",
    "acquire an offer alone",
    "acquire an item more than once",
    "acquire pinned",
    "acquire_with ACQUIRED",
    "acquire_with TAKEN",
    "acquire_with withdrawn",
    "arrive Invalid token",
    "arrive changes nothing",
    "arrive done",
    "arrive held back",
    "arrive makes",
    "arrive widens",
    "arrive withdrawn",
    "connect INHERITED",
    "connect SCOPE_NARROWED",
    "connect done",
    "connect unknown_scope",
    "connect unknown_service",
    "create_owned ACQUIRED",
    "create_owned CREATED",
    "create_owned exists",
    "create_owned missing_field",
    "create_owned not_allowed",
    "create_owned not_found",
    "create CREATED",
    "create exists",
    "create reserved_value_type",
    "create unknown_group",
    "disconnect DISCONNECTED",
    "disconnect INHERITED",
    "disconnect not_connected",
    "issue beyond",
    "issue done",
    "issue not_connected",
    "leave Aborted CHANGED_MEANWHILE",
    "leave DISCONNECTED",
    "leave INHERITED",
    "leave NotFound NOT_CONNECTED",
    "leave gone",
    "leave preview",
    "list Unauthenticated TOKEN_INVALID",
    "list several pages",
    "list_attributes Unauthenticated TOKEN_INVALID",
    "list_attributes listed because owned",
    "list_attributes listed because owned, and readable",
    "list_attributes listed because readable",
    "list_attributes not listed because not owned",
    "list_attributes not listed because the connection grants less",
    "list_attributes not listed because the token grants less",
    "list_attributes not listed for lack of scope",
    "list_attributes several pages",
    "notice DISCONNECTED",
    "notice INHERITED",
    "notice SCOPE_NARROWED",
    "notice done",
    "release INHERITED",
    "release RELEASED",
    "release Unauthenticated TOKEN_INVALID",
    "revoke done",
    "revoke no_such_token",
    "set_active ACTIVATED",
    "set_active Aborted CHANGED_MEANWHILE",
    "set_active DEACTIVATED",
    "set_active FailedPrecondition NOT_OWNED",
    "set_active NotFound NO_SUCH_ATTRIBUTE",
    "set_owner Aborted CHANGED_MEANWHILE",
    "set_owner FailedPrecondition NOT_QUALIFIED",
    "set_owner InvalidArgument INVALID_REQUEST",
    "set_owner NotFound NO_SUCH_ATTRIBUTE",
    "set_owner PINNED",
    "set_owner PermissionDenied NOT_A_USER",
    "set_owner UNPINNED",
    "set_owner USER_CHOICE",
    "set_owner Unauthenticated TOKEN_INVALID",
    "set_owner another",
    "set_owner another, and still off",
    "set_owner another, pinned",
    "set_owner nobody",
    "set_owner somebody",
    "set_owner the owner",
    "set_pinned Aborted CHANGED_MEANWHILE",
    "set_pinned FailedPrecondition NOT_OWNED",
    "set_pinned PINNED",
    "set_pinned UNPINNED",
    "set_succession Aborted CHANGED_MEANWHILE",
    "set_succession InvalidArgument INVALID_REQUEST",
    "set_succession ranked",
    "switch ACTIVATED",
    "switch DEACTIVATED",
    "switch not_owned",
];

impl Tally {
    /// Counts what came of an operation; `changed` is whether the revision rose.
    pub fn count(&mut self, operation: &Operation, outcome: &Outcome, changed: bool) {
        let kind = operation.kind();
        let mut one = |what: &str| *self.0.entry(format!("{kind} {what}")).or_default() += 1;
        outcome.events.iter().for_each(|event| one(&event.cause));
        outcome.reasons.iter().for_each(|reason| one(reason));
        match &outcome.answer {
            Answer::Refused(why) => one(why),
            Answer::Done(_) | Answer::Account { .. } => one("done"),
            // What it came to is the reason.
            Answer::Decided { .. } | Answer::Passing { .. } => {}
            Answer::Pages { pages, .. } if pages.len() > 1 => one("several pages"),
            Answer::Pages { .. } => one("one page"),
            Answer::Batch { results, .. } => {
                let failures = results.iter().filter_map(|result| result.as_ref().err());
                failures.for_each(|failure| one(&failure.code));
                if outcome.events.is_empty() && changed {
                    one("an offer alone");
                }
                let names = results.iter().flatten().map(|shown| &shown.name);
                let mut names: Vec<_> = names.collect();
                names.sort();
                if names.windows(2).any(|pair| pair[0] == pair[1]) {
                    one("an item more than once");
                }
            }
        }
    }

    /// What should have come up and did not.
    pub fn missing(&self) -> Vec<String> {
        let codes = (1..).map_while(|number| FailureCode::try_from(number).ok());
        let codes = codes.map(|code| {
            let code = code.as_str_name().trim_start_matches("FAILURE_CODE_");
            code.to_lowercase()
        });
        let failed = |code: &str| {
            let mut kinds = ["acquire", "release"].iter();
            kinds.any(|kind| self.0.contains_key(&format!("{kind} {code}")))
        };
        let codes = codes.filter(|code| !failed(code));
        let others = MUST.map(str::to_owned).into_iter();
        let others = others.filter(|what| !self.0.contains_key(what));
        codes.chain(others).collect()
    }
}
