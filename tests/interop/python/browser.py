"""A browser without script: cookies, redirects, plain forms. Controls are taken hold of by their stable ids."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx2


@dataclass
class Page:
    url: str
    status: int
    forms: list = field(default_factory=list)


class Forms(HTMLParser):
    """The forms of a page with their controls."""

    def __init__(self, html):
        super().__init__()
        self.forms = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "form":
            self.forms.append({"action": named.get("action", ""), "controls": []})
        elif tag in ("input", "button") and self.forms:
            self.forms[-1]["controls"].append({"tag": tag, **named})


class Browser:
    def __init__(self):
        self.http = httpx2.Client(headers={"accept-language": "en"}, follow_redirects=False)

    def open(self, url, stop=None):
        return self._go("GET", url, None, stop)

    def submit(self, page, fields, button, stop=None):
        """Fills controls by id, then clicks the button with the id `button`."""
        form = next(f for f in page.forms if any(c.get("id") == button for c in f["controls"]))
        sent = {}
        for control in form["controls"]:
            name, kind = control.get("name"), control.get("type", "text")
            if control["tag"] == "button":
                is_sent = control.get("id") == button
            else:
                is_sent = kind not in ("checkbox", "radio") or "checked" in control
            if name and is_sent:
                sent.setdefault(name, []).append(fields.get(control.get("id"), control.get("value") or ""))
        answer = self._go("POST", urljoin(page.url, form["action"]), sent, stop)
        return answer

    def _go(self, method, url, form, stop):
        for _ in range(10):
            headers = {"origin": f"{httpx2.URL(url).scheme}://{httpx2.URL(url).netloc.decode()}"} if form else {}
            answer = self.http.request(method, url, data=form, headers=headers)
            if not answer.is_redirect:
                return Page(url, answer.status_code, Forms(answer.text).forms)
            # A form's answer must not make the browser send the form again (RFC 9700 section 4.12).
            assert method == "GET" or answer.status_code == 303, answer.status_code
            method, url, form = "GET", urljoin(url, answer.headers["location"]), None
            if stop and url.startswith(stop):
                return Page(url, answer.status_code)
        raise RuntimeError("too many redirects")


def citizen(address, redirect_uri, answer):
    """The sandbox's first person signs in with a card and answers the consent page: `agree` or `refuse`."""
    browser = Browser()
    sign_in = browser.open(address)
    consent = browser.submit(sign_in, {"card_number": "1000000000000001", "pin": "1234"}, "sign-in")
    back = browser.submit(consent, {}, answer, redirect_uri)
    assert back.url.startswith(redirect_uri), f"the consent page did not lead back: {back.status}"
    return back.url
