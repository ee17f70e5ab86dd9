//! A small browser without script: cookies, redirects, forms. The counter's pages need no more.

use anyhow::{Context, bail};
use reqwest::{Client, Method, Response, header};
use scraper::{ElementRef, Html, Selector};
use std::collections::BTreeMap;
use url::Url;

/// A browser window with its own cookie jar.
#[derive(Clone)]
pub struct Browser {
    http: Client,
    cookies: BTreeMap<(String, String), String>,
    language: &'static str,
}

/// A page that the browser stands on.
pub struct Page {
    pub url: Url,
    pub status: u16,
    pub html: String,
}

impl Browser {
    pub fn new(language: &'static str) -> anyhow::Result<Self> {
        Ok(Self { http: super::http()?, cookies: BTreeMap::new(), language })
    }

    /// Opens an address; follows redirects, but stops before `stop` (the third party's own address) and gives it.
    pub async fn open(&mut self, url: &str, stop: &str) -> anyhow::Result<Page> {
        self.go(Method::GET, Url::parse(url)?, None, stop).await
    }

    /// Submits the page's form whose button matches `button` (name and value), with `changes` to its fields.
    pub async fn submit(&mut self, page: &Page, form: &Form, stop: &str) -> anyhow::Result<Page> {
        let target = page.url.join(&form.action)?;
        let body = serde_urlencoded::to_string(&form.fields)?;
        self.go(Method::POST, target, Some(body), stop).await
    }

    async fn go(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut body: Option<String>,
        stop: &str,
    ) -> anyhow::Result<Page> {
        for _ in 0..10 {
            let response = self.send(&method, &url, body.take()).await?;
            self.keep_cookies(&url, &response);
            let status = response.status();
            let Some(location) = response.headers().get(header::LOCATION).filter(|_| status.is_redirection()) else {
                return Ok(Page { url, status: status.as_u16(), html: response.text().await? });
            };
            url = url.join(location.to_str()?)?;
            if !stop.is_empty() && url.as_str().starts_with(stop) {
                return Ok(Page { url, status: status.as_u16(), html: String::new() });
            }
            method = Method::GET;
        }
        bail!("too many redirects, last to {}", url.path())
    }

    async fn send(&self, method: &Method, url: &Url, body: Option<String>) -> anyhow::Result<Response> {
        let host = url.host_str().unwrap_or_default();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((h, _), _)| h == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut request = self.http.request(method.clone(), url.clone()).header(header::ACCEPT_LANGUAGE, self.language);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if let Some(body) = body {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::ORIGIN, url.origin().ascii_serialization())
                .header("sec-fetch-site", "same-origin")
                .body(body);
        }
        request.send().await.with_context(|| format!("{} does not answer", url.origin().ascii_serialization()))
    }

    fn keep_cookies(&mut self, url: &Url, response: &Response) {
        let host = url.host_str().unwrap_or_default().to_owned();
        for line in response.headers().get_all(header::SET_COOKIE).iter().filter_map(|v| v.to_str().ok()) {
            let mut parts = line.split(';');
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let is_over = parts.any(|p| p.trim().eq_ignore_ascii_case("max-age=0"));
            let key = (host.clone(), name.trim().to_owned());
            if is_over {
                self.cookies.remove(&key)
            } else {
                self.cookies.insert(key, value.trim().to_owned())
            };
        }
    }
}

/// A form as the browser would send it.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The value of a field becomes `value`, whatever it was.
    pub fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(n, _)| n != name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Takes a checkbox's tick away.
    pub fn untick(&mut self, name: &str, value: &str) {
        self.fields.retain(|(n, v)| !(n == name && v == value));
    }
}

impl Page {
    /// Every posting form of the page with its fields as they stand.
    pub fn forms(&self) -> Vec<Form> {
        let document = Html::parse_document(&self.html);
        let found = select(&document.root_element(), "form").into_iter();
        found
            .filter(|f| f.attr("method").is_some_and(|m| m.eq_ignore_ascii_case("post")))
            .map(|f| read_form(&f))
            .collect()
    }

    /// The first posting form that has a field or button called `name`.
    pub fn form_with(&self, name: &str) -> anyhow::Result<Form> {
        let document = Html::parse_document(&self.html);
        let wanted = format!("[name=\"{name}\"]");
        let forms = select(&document.root_element(), "form");
        let form = forms.into_iter().find(|f| !select(f, &wanted).is_empty());
        form.map(|f| read_form(&f))
            .with_context(|| format!("the page at {} has no form with {name}: {}", self.url.path(), self.text()))
    }

    /// The first posting form whose action ends with `path`.
    pub fn form_to(&self, path: &str) -> anyhow::Result<Form> {
        self.forms()
            .into_iter()
            .find(|f| f.action.ends_with(path))
            .with_context(|| format!("the page at {} has no form to {path}", self.url.path()))
    }

    /// Where the page's links lead, as written.
    pub fn links(&self) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        let links = select(&document.root_element(), "a[href]");
        links.iter().filter_map(|link| link.attr("href")).map(str::to_owned).collect()
    }

    /// Texts of the elements that a CSS selector finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        select(&document.root_element(), selector).iter().map(words_of).collect()
    }

    /// The main text, shortened, for an error message.
    pub fn text(&self) -> String {
        self.texts("main").join(" ").chars().take(300).collect()
    }
}

fn select<'a>(root: &ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    Selector::parse(selector).map(|s| root.select(&s).collect()).unwrap_or_default()
}

fn words_of(element: &ElementRef<'_>) -> String {
    element.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

fn read_form(form: &ElementRef<'_>) -> Form {
    let mut fields = Vec::new();
    for input in select(form, "input[name], textarea[name], select[name]") {
        let name = input.attr("name").unwrap_or_default().to_owned();
        let kind = input.attr("type").unwrap_or("text");
        let is_sent = match kind {
            "checkbox" | "radio" => input.attr("checked").is_some() && input.attr("disabled").is_none(),
            "submit" | "button" => false,
            _ => input.attr("disabled").is_none(),
        };
        if is_sent {
            fields.push((name, input.attr("value").unwrap_or(if kind == "checkbox" { "on" } else { "" }).to_owned()));
        }
    }
    Form { action: form.attr("action").unwrap_or_default().to_owned(), fields }
}
