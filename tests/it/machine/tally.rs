//! What came up in a run, so that it cannot become weak unnoticed.

use crate::model::{Answer, Operation, Outcome};
use std::collections::BTreeMap;
use tenure::proto::FailureCode;

/// How often each thing came up, by what was asked for.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<String, usize>);

/// What must come up, besides every failure code of the proto.
const MUST: [&str; 118] = [
    "acquire ACQUIRED",
    "acquire ACTIVATED",
    "acquire CREATED",
    "acquire MANUAL_CHANGED",
    "acquire PermissionDenied NOT_A_CLIENT",
    "acquire TAKEN",
    "acquire Unauthenticated TOKEN_INVALID",
    "acquire an offer alone",
    "acquire an item more than once",
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
    "own disconnect Aborted CHANGED_MEANWHILE",
    "own disconnect DISCONNECTED",
    "own disconnect INHERITED",
    "own disconnect NotFound NOT_CONNECTED",
    "own disconnect PermissionDenied NOT_A_USER",
    "own disconnect a preview",
    "own disconnect of one that keeps its rank",
    "own disconnect of what it is",
    "own disconnect of what it was and still is",
    "own disconnect the rank decided",
    "own disconnect unpinned",
    "own list_connections done",
    "own list_events several pages",
    "own list_user_attributes done",
    "own set_active ACTIVATED",
    "own set_active Aborted CHANGED_MEANWHILE",
    "own set_active DEACTIVATED",
    "own set_active FailedPrecondition NOT_OWNED",
    "own set_active NotFound NO_SUCH_ATTRIBUTE",
    "own set_owner Aborted CHANGED_MEANWHILE",
    "own set_owner FailedPrecondition NOT_OWNED",
    "own set_owner FailedPrecondition NOT_QUALIFIED it has no permission to write to attributes in group 'activity'",
    "own set_owner FailedPrecondition NOT_QUALIFIED it has not indicated that it can handle it",
    "own set_owner FailedPrecondition NOT_QUALIFIED it has released it, and has not acquired it since",
    "own set_owner FailedPrecondition NOT_QUALIFIED it is not connected",
    "own set_owner InvalidArgument INVALID_REQUEST",
    "own set_owner NotFound NO_SUCH_ATTRIBUTE",
    "own set_owner PINNED",
    "own set_owner PermissionDenied NOT_A_USER",
    "own set_owner UNPINNED",
    "own set_owner USER_CHOICE",
    "own set_owner Unauthenticated TOKEN_INVALID",
    "own set_owner of what it is",
    "own set_owner of what it was and still is",
    "own set_owner pinned again",
    "own set_owner the pin is taken out",
    "own set_owner the pin moves along",
    "own set_owner to another",
    "own set_owner to another, switched off",
    "own set_owner to its owner",
    "own set_owner to nobody",
    "own set_owner to somebody",
    "own set_pinned Aborted CHANGED_MEANWHILE",
    "own set_pinned FailedPrecondition NOT_OWNED",
    "own set_pinned PINNED",
    "own set_pinned UNPINNED",
    "own set_succession Aborted CHANGED_MEANWHILE",
    "own set_succession InvalidArgument INVALID_REQUEST",
    "own set_succession another",
    "own set_succession as it was",
    "own set_succession of nobody",
    "own set_succession of one that is not connected",
    "own set_succession the first",
    "release INHERITED",
    "release RELEASED",
    "release Unauthenticated TOKEN_INVALID",
    "release the rank decided",
    "release unpinned",
    "revoke done",
    "revoke no_such_token",
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
            Answer::Done(_)
            | Answer::Own { .. }
            | Answer::Groups { .. }
            | Answer::Connections { .. }
            | Answer::Passing { .. } => one("done"),
            Answer::Pages { pages, .. } if pages.len() > 1 => one("several pages"),
            Answer::Told { pages, .. } if pages.len() > 1 => one("several pages"),
            Answer::Pages { .. } | Answer::Told { .. } => one("one page"),
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
