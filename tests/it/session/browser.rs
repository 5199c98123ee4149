//! A browser that keeps cookies, shows what it is told and follows nothing by itself.

use http::HeaderMap;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, redirect::Policy};
use std::collections::BTreeMap;

pub struct Browser {
    http: Client,
    /// Where paths are.
    pub base: String,
    pub cookies: BTreeMap<String, String>,
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Browser {
    pub fn new(base: String) -> Self {
        Self::with(base, Client::builder())
    }

    pub fn with(base: String, builder: ClientBuilder) -> Self {
        let builder = builder.redirect(Policy::none()).no_proxy();
        Self {
            http: builder.build().unwrap(),
            base,
            cookies: BTreeMap::new(),
        }
    }

    /// Another with the same cookies.
    pub fn copy(&self) -> Self {
        Self {
            http: self.http.clone(),
            base: self.base.clone(),
            cookies: self.cookies.clone(),
        }
    }

    pub async fn get(&mut self, url: &str) -> Page {
        let request = self.request(Method::GET, url);
        self.send(request).await
    }

    /// Sends a form, as a page of the same origin would.
    pub async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Page {
        let request = self.request(Method::POST, url).form(form);
        let request = request.header("origin", self.base.clone());
        self.send(request).await
    }

    /// A request with the cookies that there are.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        let base = if url.starts_with('/') {
            &*self.base
        } else {
            ""
        };
        let request = self.http.request(method, format!("{base}{url}"));
        if self.cookies.is_empty() {
            return request;
        }
        let cookies = self.cookies.iter();
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        request.header("cookie", cookies.join("; "))
    }

    pub async fn send(&mut self, request: RequestBuilder) -> Page {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap();
        let page = Page {
            status,
            headers,
            text,
        };
        for cookie in page.cookies() {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((&cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }

    /// Whether somebody is signed in here.
    pub async fn is_in(&mut self) -> bool {
        let page = self.get(super::HOME).await;
        match page.status {
            200 => true,
            303 => {
                assert!(page.location().starts_with("/account/sign-in/"), "{page:?}");
                false
            }
            _ => panic!("{page:?}"),
        }
    }

    /// What shows that a form is of this session.
    pub async fn csrf(&mut self) -> String {
        self.get(super::HOME).await.csrf()
    }
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The cookies that it sets, as they are told.
    pub fn cookies(&self) -> Vec<String> {
        let told = self.headers.get_all("set-cookie").iter();
        told.map(|cookie| cookie.to_str().unwrap().to_owned())
            .collect()
    }

    /// The one that sets this name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let beginning = format!("{name}=");
        let mut cookies = self.cookies().into_iter();
        cookies.find(|cookie| cookie.starts_with(&beginning))
    }

    /// The hidden field of its forms.
    pub fn csrf(&self) -> String {
        let (_, rest) = self.text.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// Asserts that it is a page with what protects it, whatever it tells.
    #[track_caller]
    pub fn is_protected(&self) {
        let policy = self.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{part}: {self:?}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(self.header(name), value, "{name}: {self:?}");
        }
        assert_ne!(self.header("x-request-id"), "", "{self:?}");
        if !self.text.is_empty() {
            assert_eq!(self.header("content-type"), "text/html; charset=utf-8");
        }
    }
}
