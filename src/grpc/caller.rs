//! Who calls, as the layer that authenticates has left it, and whether that may make this call.

use super::layers::RequestId;
use crate::{
    auth::{self, Client, Internal, Principal, User},
    service::Reader,
};
use tonic::{Request, Status};

/// Who calls.
pub(super) fn principal<T>(request: &Request<T>) -> Result<Principal, Status> {
    let principal = request.extensions().get::<Principal>().cloned();
    principal.ok_or_else(|| auth::Error::Missing.into())
}

/// The caller, if it is a service.
pub(super) fn service<T>(request: &Request<T>) -> Result<Reader, Status> {
    match principal(request)? {
        Principal::Client(client) => Ok(Reader::Client(client)),
        Principal::Internal(internal) => Ok(Reader::Internal(internal)),
        Principal::User(_) => Err(auth::Error::NotAClient.into()),
    }
}

/// The caller, if it is an OAuth2 client.
pub(super) fn client<T>(request: &Request<T>) -> Result<Client, Status> {
    match service(request)? {
        Reader::Client(client) => Ok(client),
        Reader::Internal(_) => Err(auth::Error::NotAClient.into()),
    }
}

/// The caller, if it is an internal service. Each role may ask.
pub(super) fn internal<T>(request: &Request<T>) -> Result<Internal, Status> {
    match principal(request)? {
        Principal::Internal(internal) => Ok(internal),
        Principal::Client(_) => Err(auth::Error::NotInternal.into()),
        Principal::User(_) => Err(auth::Error::NotAClient.into()),
    }
}

/// The caller, if it is a user.
pub(super) fn user<T>(request: &Request<T>) -> Result<User, Status> {
    match principal(request)? {
        Principal::User(user) => Ok(user),
        Principal::Client(_) | Principal::Internal(_) => Err(auth::Error::NotAUser.into()),
    }
}

/// What the call is called.
pub(super) fn request_id<T>(request: &Request<T>) -> String {
    let id = request.extensions().get::<RequestId>();
    id.map_or_else(String::new, |id| id.0.clone())
}
