//! Pages of attributes and of templates.

use super::{
    Violations,
    attribute::{attribute, template},
    check::USER,
    optional,
};
use crate::{
    domain::{
        listing::{Filter, Listing, Page, Place, TemplateFilter},
        name::UserId,
        view::TemplateView,
    },
    proto,
    service::AttributePage,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tonic::Status;

/// The size of a page where the request names none, and the largest.
const PAGE_SIZE: (usize, usize) = (20, 100);

pub(in crate::grpc) fn owned_request(
    request: proto::ListOwnedAttributesRequest,
) -> Result<(Filter, Page), Status> {
    let violations = Violations::default();
    let page = page(
        request.page_size,
        &request.page_token,
        request.skip,
        violations,
    )?;
    let filter = Filter {
        groups: request.groups.into_iter().collect(),
        attributes: request.attributes.into_iter().collect(),
        exclude_custom: request.exclude_custom,
        manual: request.manual,
        include_inactive: request.include_inactive,
        include_low_priority: request.include_low_priority,
    };
    Ok((filter, page))
}

/// Whose attributes, the filter, the page, and whether only what the caller owns is asked for.
pub(in crate::grpc) fn attributes_request(
    request: proto::ListAttributesRequest,
) -> Result<(Option<UserId>, Filter, Page, bool), Status> {
    let mut violations = Violations::default();
    let user = optional(request.user, UserId::parse, ("user", USER), &mut violations);
    let page = page(
        request.page_size,
        &request.page_token,
        request.skip,
        violations,
    )?;
    let filter = Filter {
        groups: request.groups.into_iter().collect(),
        attributes: request.attributes.into_iter().collect(),
        exclude_custom: request.exclude_custom,
        manual: request.manual,
        include_inactive: request.include_inactive,
        include_low_priority: request.include_low_priority,
    };
    Ok((user, filter, page, request.owned))
}

pub(in crate::grpc) fn templates_request(
    request: proto::ListTemplatesRequest,
) -> Result<(TemplateFilter, Page), Status> {
    let violations = Violations::default();
    let page = page(
        request.page_size,
        &request.page_token,
        request.skip,
        violations,
    )?;
    let filter = TemplateFilter {
        groups: request.groups.into_iter().collect(),
        include_low_priority: request.include_low_priority,
    };
    Ok((filter, page))
}

/// The page, if nothing is wrong with it and nothing was found wrong before.
fn page(size: i32, token: &str, skip: i64, mut violations: Violations) -> Result<Page, Status> {
    let size = usize::try_from(size)
        .inspect_err(|_| violations.add("page_size", "must not be negative"))
        .unwrap_or_default();
    let skip = usize::try_from(skip)
        .inspect_err(|_| violations.add("skip", "must not be negative"))
        .unwrap_or_default();
    let after = place(token)
        .inspect_err(|()| violations.add("page_token", "must be one that this service gave"))
        .unwrap_or_default();
    violations.none()?;
    let size = match size {
        0 => PAGE_SIZE.0,
        size => size.min(PAGE_SIZE.1),
    };
    Ok(Page { after, skip, size })
}

/// A page token is the place of the last entry shown, as base64url of JSON.
fn place(token: &str) -> Result<Option<Place>, ()> {
    if token.is_empty() {
        return Ok(None);
    }
    let json = URL_SAFE_NO_PAD.decode(token).map_err(|_| ())?;
    serde_json::from_slice(&json).map(Some).map_err(|_| ())
}

fn page_token(place: Option<&Place>) -> String {
    let json = place.and_then(|place| serde_json::to_vec(place).ok());
    json.map(|json| URL_SAFE_NO_PAD.encode(json))
        .unwrap_or_default()
}

fn size(total: usize) -> i64 {
    i64::try_from(total).unwrap_or(i64::MAX)
}

pub(in crate::grpc) fn owned_page(page: AttributePage) -> proto::ListOwnedAttributesResponse {
    let listing = page.listing;
    proto::ListOwnedAttributesResponse {
        next_page_token: page_token(listing.next.as_ref()),
        attributes: listing.entries.into_iter().map(attribute).collect(),
        total_size: size(listing.total),
        revision: page.revision,
    }
}

pub(in crate::grpc) fn attributes_page(page: AttributePage) -> proto::ListAttributesResponse {
    let listing = page.listing;
    proto::ListAttributesResponse {
        next_page_token: page_token(listing.next.as_ref()),
        attributes: listing.entries.into_iter().map(attribute).collect(),
        total_size: size(listing.total),
        revision: page.revision,
    }
}

pub(in crate::grpc) fn templates_page(
    listing: Listing<TemplateView>,
) -> proto::ListTemplatesResponse {
    proto::ListTemplatesResponse {
        next_page_token: page_token(listing.next.as_ref()),
        templates: listing.entries.into_iter().map(template).collect(),
        total_size: size(listing.total),
    }
}
