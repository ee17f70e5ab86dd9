//! A browser without script: one cookie jar, no redirects followed by itself.

use reqwest::{Method, Response, header};
use scraper::{ElementRef, Html, Selector};
use std::collections::BTreeMap;

/// A browser window.
pub struct Browser {
    http: reqwest::Client,
    address: String,
    /// Its cookies.
    pub jar: BTreeMap<String, String>,
    /// Its preferred language.
    pub accepts: &'static str,
}

/// What came back.
pub struct Page {
    pub status: u16,
    pub location: String,
    pub headers: header::HeaderMap,
    pub html: String,
}

impl Browser {
    pub fn at(address: &str) -> Self {
        // Told again by every test: the first to tell wins.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, address: address.to_owned(), jar: BTreeMap::new(), accepts: "en" }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(String, String)]) -> Page {
        let body = serde_urlencoded::to_string(fields).unwrap();
        self.send(Method::POST, path, Some(body)).await
    }

    /// Posts the page's form that goes to `action`, with these fields in place of the same-named.
    pub async fn submit(&mut self, page: &Page, action: &str, changes: &[(&str, &str)]) -> Page {
        let mut fields = page.form(action);
        for (name, _) in changes {
            fields.retain(|(n, _)| n != name);
        }
        fields.extend(changes.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        self.post(action, &fields).await
    }

    pub async fn send(&mut self, method: Method, path: &str, body: Option<String>) -> Page {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.address) };
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.http.request(method, url).header(header::ACCEPT_LANGUAGE, self.accepts);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if let Some(body) = body {
            // As browsers do under `Referrer-Policy: no-referrer`.
            request = request.header(header::ORIGIN, "null").header("sec-fetch-site", "same-origin");
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        }
        self.received(request.send().await.unwrap()).await
    }

    async fn received(&mut self, response: Response) -> Page {
        for line in response.headers().get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.to_ascii_lowercase().contains("max-age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let headers = response.headers().clone();
        let location = headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap()).to_owned();
        Page { status: response.status().as_u16(), location, headers, html: response.text().await.unwrap() }
    }

    /// Signs in from a page that led to the provider; gives where the callback leads.
    pub async fn sign_in(&mut self, to_provider: &Page, code: &str) -> Page {
        let state = to_provider.provider_state();
        self.get(&format!("/sign-in/callback?state={state}&code={code}")).await
    }

    /// From the start to the consent page.
    pub async fn arrive(&mut self, path: &str, person: &str) -> Page {
        let begun = self.get(path).await;
        let back = self.sign_in(&begun, &format!("person:{person}")).await;
        assert_eq!(back.status, 303, "{}", back.html);
        self.get(&back.location).await
    }

    /// Opens the dashboard, signing in.
    pub async fn dashboard(&mut self, person: &str) -> Page {
        let away = self.get("/dashboard").await;
        assert_eq!((away.status, away.location.as_str()), (303, "/sign-in"));
        let begun = self.get("/sign-in").await;
        let back = self.sign_in(&begun, &format!("person:{person}")).await;
        assert_eq!((back.status, back.location.as_str()), (303, "/dashboard"), "{}", back.html);
        self.get("/dashboard").await
    }
}

impl Page {
    /// The `state` that the provider is to give back.
    pub fn provider_state(&self) -> String {
        assert!(self.location.starts_with(super::counter::PROVIDER), "{} {}", self.status, self.location);
        self.query("state")
    }

    /// A parameter of the address that this page leads to.
    pub fn query(&self, name: &str) -> String {
        let url = url::Url::parse(&self.location).unwrap();
        url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned()).unwrap_or_default()
    }

    /// The fields of the form that goes to `action`, as a browser would send them without a button.
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        let document = Html::parse_document(&self.html);
        let forms = Selector::parse("form").unwrap();
        let form = document.select(&forms).find(|form| form.attr("action") == Some(action));
        let form = form.ok_or_else(|| format!("no form to {action} in {}", self.html)).unwrap();
        assert_eq!(form.attr("method"), Some("post"));
        let inputs = Selector::parse("input").unwrap();
        let sent = form.select(&inputs).filter(|input| {
            !matches!(input.attr("type"), Some("checkbox" | "radio")) || input.attr("checked").is_some()
        });
        let pair = |input: ElementRef<'_>| {
            (input.attr("name").unwrap().to_owned(), input.attr("value").unwrap_or_default().to_owned())
        };
        sent.map(pair).collect()
    }

    /// The texts that a CSS selector finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        let selector = Selector::parse(selector).unwrap();
        let words = |e: ElementRef<'_>| e.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
        document.select(&selector).map(words).collect()
    }

    /// The only text that a CSS selector finds.
    pub fn text(&self, selector: &str) -> String {
        let found = self.texts(selector);
        assert_eq!(found.len(), 1, "{selector}: {found:?}");
        found.into_iter().next().unwrap()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
