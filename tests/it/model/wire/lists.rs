//! Lists, page after page.

use super::{
    super::{
        answer::{Answer, Shown},
        listing::ShownTemplate,
        operation::List,
    },
    shown, with,
};
use crate::grpc::Stub;
use tenure::proto;
use tonic::Status;

/// One page, and what asks for the next if there is one.
struct Page<T> {
    entries: Vec<T>,
    next: String,
    total: i64,
    revision: i64,
}

/// All pages, how many entries there are said to be, and at which revision.
type All<T> = (Vec<Vec<T>>, usize, i64);

/// Asks for page after page, the first after `skip` entries.
async fn all_pages<T, F: Future<Output = Result<Page<T>, Status>>>(
    skip: usize,
    ask: impl Fn(String, i64) -> F,
) -> Result<All<T>, Status> {
    let mut pages = Vec::new();
    let (mut page_token, mut skip) = (String::new(), i64::try_from(skip).unwrap());
    loop {
        let page = ask(page_token, skip).await?;
        pages.push(page.entries);
        if page.next.is_empty() {
            return Ok((pages, usize::try_from(page.total).unwrap(), page.revision));
        }
        (page_token, skip) = (page.next, 0);
    }
}

fn answer((pages, total, revision): All<Shown>) -> Answer {
    Answer::Pages {
        pages,
        total,
        revision,
    }
}

pub async fn owned(
    stub: &Stub,
    token: &str,
    request_id: &str,
    list: &List,
) -> Result<Answer, Status> {
    let ask = |page_token, skip| {
        let message = proto::ListOwnedAttributesRequest {
            page_size: i32::try_from(list.page_size).unwrap(),
            page_token,
            skip,
            groups: list.groups.clone(),
            attributes: list.attributes.clone(),
            exclude_custom: list.exclude_custom,
            manual: list.manual,
            include_inactive: list.include_inactive,
            include_low_priority: list.include_low_priority,
        };
        let (request, mut stub) = (with(token, request_id, message), stub.clone());
        async move {
            let page = stub.list_owned_attributes(request).await?.into_inner();
            Ok(Page {
                entries: page.attributes.into_iter().map(shown).collect(),
                next: page.next_page_token,
                total: page.total_size,
                revision: page.revision,
            })
        }
    };
    all_pages(list.skip, ask).await.map(answer)
}

pub async fn attributes(
    stub: &Stub,
    token: &str,
    request_id: &str,
    list: &List,
    owned: bool,
) -> Result<Answer, Status> {
    attributes_of("", stub, token, request_id, list, owned).await
}

/// What an internal service is shown of the user.
pub async fn all_attributes(stub: &Stub, token: &str, user: &str, list: &List) -> Answer {
    let listed = attributes_of(user, stub, token, "all", list, false);
    listed.await.unwrap()
}

/// `user` is empty for a client, whose token tells.
async fn attributes_of(
    user: &str,
    stub: &Stub,
    token: &str,
    request_id: &str,
    list: &List,
    owned: bool,
) -> Result<Answer, Status> {
    let ask = |page_token, skip| {
        let message = proto::ListAttributesRequest {
            page_size: i32::try_from(list.page_size).unwrap(),
            page_token,
            skip,
            groups: list.groups.clone(),
            attributes: list.attributes.clone(),
            exclude_custom: list.exclude_custom,
            manual: list.manual,
            include_inactive: list.include_inactive,
            include_low_priority: list.include_low_priority,
            owned,
            user: user.to_owned(),
        };
        let (request, mut stub) = (with(token, request_id, message), stub.clone());
        async move {
            let page = stub.list_attributes(request).await?.into_inner();
            Ok(Page {
                entries: page.attributes.into_iter().map(shown).collect(),
                next: page.next_page_token,
                total: page.total_size,
                revision: page.revision,
            })
        }
    };
    all_pages(list.skip, ask).await.map(answer)
}

/// The templates of these groups, or of all if there are none, in pages of so many; and how many there are said to be.
pub async fn templates(
    stub: &Stub,
    token: &str,
    groups: &[String],
    include_low_priority: bool,
    page_size: i32,
) -> (Vec<ShownTemplate>, usize) {
    let ask = |page_token, skip| {
        let message = proto::ListTemplatesRequest {
            page_size,
            page_token,
            skip,
            groups: groups.to_vec(),
            include_low_priority,
        };
        let (request, mut stub) = (with(token, "templates", message), stub.clone());
        async move {
            let page = stub.list_templates(request).await?.into_inner();
            Ok(Page {
                entries: page.templates.into_iter().map(shown_template).collect(),
                next: page.next_page_token,
                total: page.total_size,
                revision: 0,
            })
        }
    };
    let (pages, total, _) = all_pages(0, ask).await.unwrap();
    (pages.concat(), total)
}

fn shown_template(template: proto::Template) -> ShownTemplate {
    let group = template.group.unwrap();
    ShownTemplate {
        name: template.name,
        label: template.label,
        group: (group.name, group.label, group.priority),
        priority: template.priority,
        value_type: template.value_type - 1,
    }
}
