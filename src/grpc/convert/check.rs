//! Checks before a write, and tokens.

use super::{Violations, span, timestamp};
use crate::{
    auth::{Client, Internal, Principal, User},
    domain::{check::Verdict, name::UserId},
    proto::{self, TokenKind, check_ownership_request as wire},
    service::{CheckAnswer, CheckItem, Checked, Freshness, MAX_CHECKS},
};
use prost_types::Duration;
use tonic::Status;

/// What is expected of a user's id.
pub(super) const USER: &str = "must be 1 to 255 bytes without control characters";
const NOT_NEGATIVE: &str = "must not be negative";

pub(in crate::grpc) fn check_request(
    request: proto::CheckOwnershipRequest,
) -> Result<(Vec<CheckItem>, Freshness), Status> {
    let mut violations = Violations::default();
    if request.items.len() > MAX_CHECKS {
        let expected = format!("must be at most {MAX_CHECKS}, not {}", request.items.len());
        violations.add("items", &expected);
        return Err(violations.into_status());
    }
    let freshness = freshness(request.freshness, &mut violations);
    let mut items = Vec::with_capacity(request.items.len());
    for (index, item) in request.items.into_iter().enumerate() {
        items.extend(check_item(index, item, &mut violations));
    }
    violations.none()?;
    Ok((items, freshness))
}

fn freshness(asked: Option<wire::Freshness>, violations: &mut Violations) -> Freshness {
    match asked {
        None | Some(wire::Freshness::Latest(_)) => Freshness::Latest,
        Some(wire::Freshness::AtLeast(at_least)) => {
            if at_least.revision < 0 {
                violations.add("at_least.revision", NOT_NEGATIVE);
            }
            Freshness::AtLeast(at_least.revision)
        }
        Some(wire::Freshness::Cached(cached)) => {
            let age = cached.max_age.and_then(span);
            if age.is_none() {
                violations.add("cached.max_age", "must be given, and not be negative");
            }
            Freshness::Cached(age.unwrap_or_default())
        }
    }
}

fn check_item(
    index: usize,
    item: proto::CheckItem,
    violations: &mut Violations,
) -> Option<CheckItem> {
    let mut natural = |field: &str, value: Option<i64>| {
        if value.is_some_and(|value| value < 0) {
            violations.add(&format!("items[{index}].{field}"), NOT_NEGATIVE);
        }
    };
    natural("generation", item.generation);
    natural("at_least_revision", item.at_least_revision);
    let user = UserId::parse(item.user);
    if user.is_err() {
        violations.add(&format!("items[{index}].user"), USER);
    }
    Some(CheckItem {
        user: user.ok()?,
        attribute: item.attribute,
        service: item.service,
        generation: item.generation,
        at_least: item.at_least_revision,
    })
}

pub(in crate::grpc) fn check_response(answer: CheckAnswer) -> proto::CheckOwnershipResponse {
    proto::CheckOwnershipResponse {
        results: answer.results.into_iter().map(checked).collect(),
        age: answer.age.and_then(|age| Duration::try_from(age).ok()),
    }
}

fn checked(checked: Checked) -> proto::CheckResult {
    let verdict = match checked.verdict {
        Verdict::Owned => proto::Verdict::Owned,
        Verdict::NoSuchAttribute => proto::Verdict::NoSuchAttribute,
        Verdict::NotOwner => proto::Verdict::NotOwner,
        Verdict::StaleGeneration => proto::Verdict::StaleGeneration,
        Verdict::Inactive => proto::Verdict::Inactive,
    };
    proto::CheckResult {
        verdict: verdict.into(),
        owner: checked.owner.map(|owner| owner.to_string()),
        generation: checked.generation,
        revision: checked.revision,
    }
}

pub(in crate::grpc) fn introspected(
    principal: Option<Principal>,
) -> proto::IntrospectTokenResponse {
    let nothing = proto::IntrospectTokenResponse::default();
    match principal {
        None => nothing,
        Some(Principal::Client(Client {
            user,
            service,
            scopes,
            issued_at,
            expires_at,
            ..
        })) => proto::IntrospectTokenResponse {
            active: true,
            scopes: scopes.iter().map(str::to_owned).collect(),
            client_id: service.to_string(),
            sub: user.to_string(),
            kind: TokenKind::Client.into(),
            expire_time: Some(timestamp(expires_at)),
            issue_time: Some(timestamp(issued_at)),
        },
        Some(Principal::User(User {
            user,
            issued_at,
            expires_at,
            ..
        })) => proto::IntrospectTokenResponse {
            active: true,
            sub: user.to_string(),
            kind: TokenKind::User.into(),
            expire_time: Some(timestamp(expires_at)),
            issue_time: Some(timestamp(issued_at)),
            ..nothing
        },
        Some(Principal::Internal(Internal {
            name,
            issued_at,
            expires_at,
            ..
        })) => proto::IntrospectTokenResponse {
            active: true,
            sub: name.to_string(),
            kind: TokenKind::Internal.into(),
            expire_time: Some(timestamp(expires_at)),
            issue_time: Some(timestamp(issued_at)),
            ..nothing
        },
    }
}
