//! A page of what a service owns.

use super::{Violations, attribute::attribute};
use crate::{
    domain::listing::{Filter, Page, Place},
    proto,
    service::OwnedPage,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tonic::Status;

/// The size of a page where the request names none, and the largest.
const PAGE_SIZE: (usize, usize) = (20, 100);

pub(in crate::grpc) fn list_request(
    request: proto::ListOwnedAttributesRequest,
) -> Result<(Filter, Page), Status> {
    let mut violations = Violations::default();
    let mut size = |value: i32| {
        usize::try_from(value)
            .inspect_err(|_| violations.add("page_size", "must not be negative"))
            .unwrap_or_default()
    };
    let size = match size(request.page_size) {
        0 => PAGE_SIZE.0,
        size => size.min(PAGE_SIZE.1),
    };
    let skip = usize::try_from(request.skip)
        .inspect_err(|_| violations.add("skip", "must not be negative"))
        .unwrap_or_default();
    let after = place(&request.page_token)
        .inspect_err(|()| violations.add("page_token", "must be one that this service gave"))
        .unwrap_or_default();
    violations.none()?;
    let filter = Filter {
        groups: request.groups.into_iter().collect(),
        attributes: request.attributes.into_iter().collect(),
        exclude_custom: request.exclude_custom,
        manual: request.manual,
        include_inactive: request.include_inactive,
        include_low_priority: request.include_low_priority,
    };
    Ok((filter, Page { after, skip, size }))
}

/// A page token is the place of the last attribute shown, as base64url of JSON.
fn place(token: &str) -> Result<Option<Place>, ()> {
    if token.is_empty() {
        return Ok(None);
    }
    let json = URL_SAFE_NO_PAD.decode(token).map_err(|_| ())?;
    serde_json::from_slice(&json).map(Some).map_err(|_| ())
}

fn page_token(place: &Place) -> String {
    serde_json::to_vec(place).map_or_else(|_| String::new(), |json| URL_SAFE_NO_PAD.encode(json))
}

pub(in crate::grpc) fn owned_page(page: OwnedPage) -> proto::ListOwnedAttributesResponse {
    let listing = page.listing;
    proto::ListOwnedAttributesResponse {
        attributes: listing.attributes.into_iter().map(attribute).collect(),
        next_page_token: listing.next.as_ref().map(page_token).unwrap_or_default(),
        total_size: i64::try_from(listing.total).unwrap_or(i64::MAX),
        revision: page.revision,
    }
}
