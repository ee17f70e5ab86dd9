# Words of the counter's pages (English). Must have the same ids as ja.ftl (a test checks it).

# Everywhere
site-name = Madoguchi
site-tagline = Your government-held information, shared by your consent
skip = Skip to main content
language-label = Language
footer-label = About this site
footer-home = What is the counter?
footer-dashboard = My consents
footer-developers = For developers
footer-note = This site loads no advertising and no outside programs.
sign-out = Sign out

# Home
home-title = Share the information government holds about you, by your own consent
home-heading = The information government holds about you, shared only when you agree.
home-lead = Madoguchi (窓口, "the counter") is the one way by which banks, health apps, local governments and other services receive information that government holds about you. Only what you agree to is shared, and only for as long as you agree.
home-open-dashboard = See my consents
home-how = How it works
home-step-ask = A service asks
home-step-ask-text = When you apply for a loan, for example, the service sends you to the counter.
home-step-sign-in = You show your card
home-step-sign-in-text = You prove who you are with your My Number Card. The counter never learns the card's number or its PIN.
home-step-decide = You decide
home-step-decide-text = You see what would be shared, what for and until when, and decide item by item. You can say no.
home-step-watch = You keep watch
home-step-watch-text = At any time you can see who received what, when and why, and you can revoke it.
home-promise = What the counter promises
home-promise-minimum = Nothing is shared but the items you agreed to.
home-promise-forget = The counter keeps none of the information it passes on.
home-promise-record = You see every use, including requests that were refused.
home-promise-stop = Once you revoke, the very next request gets nothing.
home-developers = For developers
home-developers-text = There is a public API and a test environment with made-up people. It follows the same specification from registration to testing.
home-developers-docs = API guide
home-developers-openapi = OpenAPI document
home-developers-metadata = Authorization server metadata
home-developers-conformance = Conformance
notice-signed-out = You are signed out.
notice-account-erased = Your account is erased, and you are signed out.

# Consent
consent-title = Sharing your information
consent-heading = Share your information with { $client }?
consent-lead = { $client } asks for information that government holds about you. Please check what is asked and decide whether to share it.
consent-deadline = Please decide by { $time }. After that you can start again from the service.
consent-who = Who is asking
consent-legal-name = Legal name
consent-corporate-number = Corporate number (法人番号)
consent-contact-phone = Telephone
consent-contact-email = E-mail
consent-purpose = What it is for
consent-what = What would be shared
consent-what-hint = “Required” items are those the service says it cannot do without. Of the “optional” items, tick only those you are willing to share.
consent-provider = Held by
consent-period = Period covered
consent-period-any = Any period
consent-period-range = { $from } to { $to }
consent-period-open = From { $from } on
consent-sensitive = Sensitive personal information
consent-required = Required items
consent-optional = Optional items
consent-question-tag = Yes or no only
consent-question-plain = The question is answered “yes”, “no” or, where it is not known, “unknown”. The value itself, such as an amount or a date, is never shared.
consent-period-question = The time named in the question
consent-optional-hint = Items that you do not tick are not shared.
consent-tag-required = Required
consent-preview = What { $client } would see
consent-preview-hint = This is what would be sent, with made-up content, of the required items and of the optional ones you have ticked.
consent-preview-again = Show again what would be sent, with my ticks
consent-duration = How long it may receive the information
consent-duration-hint = During this time { $client } can receive the information without asking you again. You can revoke this at any time.
consent-duration-once = This time only (within 24 hours)
consent-duration-days = { $span } (until { $until })
consent-duration-asked = as { $client } asks
consent-duration-once-only = This time only. After 24 hours it can receive nothing more.
consent-frequency = How often it may receive the information
consent-frequency-hint = Days and months are counted by Japan's calendar. Requests beyond the number receive nothing.
consent-frequency-asked = as { $client } asks
consent-legal-basis = On what basis
consent-on-behalf-of = Whose information
legal-basis-consent = Your consent (Act on the Protection of Personal Information, Article 27(1))
legal-basis-contract = Concluding or carrying out a contract with you, and your consent
legal-basis-law = A procedure that a law or ordinance provides for, and your consent
on-behalf-of-self = Your own
on-behalf-of-represented = That of a person who is represented
on-behalf-of-either = Your own, or that of a person whom you represent
frequency-any = As often as it needs
frequency-day = { $n ->
    [one] Once a day
   *[other] { $n } times a day
}
frequency-month = { $n ->
    [one] Once a month
   *[other] { $n } times a month
}
frequency-consent = { $n ->
    [one] Once in all
   *[other] { $n } times in all
}
consent-after = What happens afterwards
consent-retention = How long it is kept there
consent-retention-text = { $span } from receipt
consent-retention-none = It is not kept
consent-recipients = Passed on to
consent-recipients-none = Nobody
consent-revoke = How to revoke
consent-revoke-text = Under “My consents” at the counter, at any time. Requests after that receive nothing. For information already shared, please ask the service itself.
consent-if-refused = If you do not share
consent-change = This changes what you agreed to before
consent-change-merge = You already agreed with this service on { $date }. If you agree now, what is asked below is added.
consent-change-stays = You agreed to these before, and they stay: { $names }. An item that you do not tick now is no longer shared.
consent-change-time = The time that you choose below applies to everything, also to what you agreed to before.
consent-change-replace = If you agree now, this takes the place of everything that you agreed to with this service on { $date }.
consent-change-joint = { ", " }
difference-added = Added
difference-removed = No longer shared
difference-changed = Changed
difference-kept = Not changed
difference-none = Nothing changes in what is shared or on what terms.
difference-tag-added = Added
difference-tag-removed = Removed
difference-tag-changed = Changed
difference-becomes = becomes
difference-duration = For how long
difference-period = Time the data is about: { $name }
consent-kept = { $n ->
    [one] { $n } item that you agreed to before: not changed
   *[other] { $n } items that you agreed to before: not changed
}
consent-kept-hint = You agreed to these before. Untick what you no longer want to share.
grant-then = What the next decision changed
consent-no-data = No information is asked for. The service only learns that you proved who you are, with a code that stands for you. The code differs for each service and contains no name or number.
consent-decide = Your decision
consent-agree = I agree to share
consent-refuse = I do not share
consent-decide-hint = You return to { $client } either way.
error-summary-title = Please check your choices
error-choice-nothing = No item is selected. Select at least one, or choose “I do not share”.
error-choice-required = Required items cannot be left out. If you do not want to share them, choose “I do not share”.
error-choice-too-long = You cannot choose a longer time than was asked for. Please choose again.
error-choice-on-behalf = You cannot decide this for that person. Please choose again for whom you decide.
error-choice-too-often = You cannot choose more often than was asked for. Please choose again.
span-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
span-years = { $n ->
    [one] { $n } year
   *[other] { $n } years
}

# My consents
dashboard-title = My consents
dashboard-heading = My consents
dashboard-lead = See which services may receive information about you and what they have received so far. You can revoke any consent at any time.
dashboard-session = You will be signed out automatically at { $time }.
dashboard-active = Consents in force
dashboard-active-none = No consent is in force.
dashboard-ended = Ended consents
dashboard-ended-none = No consent has ended.
dashboard-accesses = History of use
dashboard-accesses-hint = Newest first, including requests that were refused.
dashboard-accesses-none = Nothing has been used yet.
dashboard-older = Show older entries
dashboard-newest = Back to the newest
dashboard-revoke-all = Revoke all consents
dashboard-revoke-all-hint = Ends every consent in force at once.
grant-open = See or revoke the consent for { $client }
grant-open-ended = See the consent for { $client }
grant-active = In force
grant-held = Held still, because the representation is held still
grant-decided-by = Decided by
grant-by-representative = A representative: { $kind }
grant-paused = Paused by you
grant-superseded = Replaced by a newer decision
grant-expired = Time is over
grant-revoked-citizen = Revoked by you
grant-revoked-client = Ended by the service
grant-revoked-code_replay = Stopped by the counter (suspicious use)
grant-revoked-exposed = Ended for safety: the service sent its access key in an unsafe way
grant-revoked-not_taken_up = Never used: the service did not complete the connection
grant-revoked-representative = Ended: the representative who had decided gave the representation up
grant-revoked-operator = Stopped by the counter
grant-purpose = What it is for
grant-data = What is shared
grant-sign-in-only = Identification only
grant-since = Agreed
grant-until = May receive until
grant-ended-at = Ended
entry-since = Registered on
entry-until = Ends
grant-unknown-client = A service that is no longer registered
grant-title = A consent in detail
grant-heading = Consent for { $client }
grant-items-agreed = Items you agreed to share
grant-items-refused = Items you did not share
grant-recognised = Identification
grant-recognised-text = { $time } (assurance level { $level })
grant-accesses = Use under this consent
grant-back = Back to my consents
grant-pause = Pause this consent
grant-pause-hint = { $client } receives nothing until you resume it. Requests under way are cancelled. The end of the consent does not move.
grant-resume = Resume this consent
grant-resume-hint = { $client } can receive the information again until the consent ends.
grant-receipt = Receipt of this consent
grant-receipt-hint = A record of what you agreed to, signed by this counter. { $client } holds the same record. Keep it to show later what you agreed to.
grant-receipt-signed = Save the receipt (signed, JWT)
grant-receipt-plain = Save the receipt to read (JSON-LD)
grant-earlier = What you had agreed to before
grant-revoke = Revoke this consent
grant-revoke-hint = { $client } will no longer be able to receive the information.
access-answered = Shared
access-refused = Refused
access-purpose = Purpose
access-data = Information
access-items = { $n ->
    [one] { $n } item
   *[other] { $n } items
}
access-refused-why = Reason
access-decision = If you ask the operator about it, name this decision:
outcome-ok = shared
outcome-answered = answered yes or no only (no value was shared)
outcome-no_record = nothing on record
outcome-unsupported_provider = the office that holds it does not take part yet
outcome-not_yet_reflected = not registered yet
outcome-retention_expired = older than the law lets it be kept
outcome-non_disclosed = not disclosed
outcome-refused_by_citizen = you had chosen not to share it
outcome-failed = could not be retrieved
refused-consent_over = the consent had ended (revoked, or its time was over)
refused-consent_used_up = the consent was for one time and had been used
refused-limit_reached = it had been used as often as you allowed
refused-thresholds = as many different questions about this had been answered as may be
refused-paused = you had paused the consent
refused-outgrown = the service's registration went beyond what you agreed to
refused-not_consented = you had not agreed to share it
refused-outside_period = it was outside the period you agreed to
refused-client_suspended = the service had been suspended
refused-rate_limited = too many requests
refused-policy = the counter's rules do not allow it
refused-other = the counter did not accept the request
confirm-revoke-title = Confirm revocation
confirm-revoke-heading = Revoke the consent for { $client }?
confirm-revoke-all-heading = Revoke all consents?
confirm-revoke-effect = It takes effect at once and cannot be undone. To share again, start anew from the service.
confirm-revoke-running = Requests under way are cancelled, and results not yet collected are erased.
confirm-revoke-past = Information already shared may remain with the service.
confirm-revoke-count = { $n ->
    [one] { $n } consent is in force now.
   *[other] { $n } consents are in force now.
}
confirm-yes = Revoke
confirm-no = Go back without revoking
notice-paused = The consent is paused.
notice-resumed = The consent is in force again.
notice-unchanged = Nothing was changed: it had been done already, or the consent had ended.
notice-revoked = The consent is revoked.
notice-revoked-all = All consents that were in force are revoked.
notice-nothing = There was nothing to revoke: it had ended already.

# When something goes wrong
failure-next = What you can do next
failure-id = Error number
failure-id-hint = Please give this number when you ask for help. It contains nothing personal.
failure-home = Go to the counter's home page
failure-restart = Return to the service and start again
failure-same-browser = Open it in the same browser in which you started
failure-allow-cookies = Allow this site's cookies in your browser's settings
failure-dashboard = Check what you have already decided under “My consents”
failure-later = Wait a little and try again
failure-contact-client = If it happens again, contact the service you started from
failure-contact-operator = If it happens again, contact the operator with the error number
failure-back-form = Go back, reload the page and send it again
failure-over = This request is over
failure-over-text = It was decided already, or time ran out. The same request cannot be answered twice.
failure-wrong_browser = This is not the browser you started in
failure-wrong_browser-text = The request was started in another browser. If someone sent you this link, please do not continue. Nothing has been shared.
failure-not_our_form = We could not accept what was sent
failure-not_our_form-text = We could not make sure that it was sent from our page. It may come from an old page or from another site. Nothing was changed.
failure-request = This link cannot start a request
failure-request-text = The service's request cannot be found, or its time is over. Nothing has been shared.
failure-sign_in_denied = Identification was not completed
failure-sign_in_denied-text = The identification was cancelled. Nothing has been shared.
failure-sign_in_failed = You could not be identified
failure-sign_in_failed-text = We could not accept the identification service's answer. Nothing has been shared.
failure-sign_in_weak = A surer identification is needed
failure-sign_in_weak-text = This request needs identification with the My Number Card.
failure-sign_in_old = Your identification was too long ago
failure-sign_in_old-text = To be safe, please identify yourself once more.
failure-provider_away = The identification service cannot be reached
failure-provider_away-text = The identification service does not answer. Nothing of your request is lost.
failure-bad_request = We could not read the request
failure-bad_request-text = What was sent does not have the right form.
failure-not_found = Page not found
failure-not_found-text = The address is mistaken, or the page no longer exists.
failure-unavailable = We cannot answer just now
failure-unavailable-text = Part of the counter does not answer for the moment. No decision and no consent is lost.
failure-internal = Something went wrong inside the counter
failure-internal-text = This is our fault. The operator has been told.
failure-again = Identify yourself once more
failure-refuse = Return to { $client } without sharing

# Asked elsewhere: at a shared terminal, at a counter, by telephone
elsewhere-heading = Please check this first
elsewhere-message = { $client } asks you this from another place, such as its counter or by telephone. It must be showing or telling you the same words:
elsewhere-device = This is asked by a terminal of { $client } on which you saw the code. What you agree to is used on that terminal, for 30 minutes at most.
elsewhere-warning = If you are not standing at that terminal or speaking with that person yourself, do not share. Someone may be trying to get at your information.
elsewhere-decide-hint = Your answer is passed on at once; you can go on where you were asked.
dashboard-waiting = Waiting for your answer
dashboard-waiting-hint = Answer only what you asked for yourself just now.
dashboard-waiting-message = Words to compare
dashboard-waiting-until = Answer by
dashboard-waiting-open = See what { $client } asks
dashboard-more = More
dashboard-device = Type the code of a terminal
notice-confirmed = You agreed. You can go on where you were asked.
notice-not-confirmed = You did not share anything.
device-title = Code of a terminal
device-heading = Type the code that the terminal shows
device-lead = You will then see who asks for what, and decide.
device-label = Code
device-hint = 8 letters, for example BCDF-GHJK. Capital or small, with or without the hyphen.
device-compare = Make sure that the terminal in front of you shows this very code.
device-go-on = Go on
device-unknown = There is no such code, or its time is over. Check the letters, or start again at the terminal.
failure-too_often = Too many codes were typed
failure-too_often-text = To be safe, we take no more codes from you for a while. Nothing has been shared.
# Conformance
conformance-title = Conformance
conformance-lead = The clauses that this counter is held to, and how each stands now: worked out on the spot from the running settings and from this build's test of itself.
conformance-when = As of { $time }, version { $version }.
conformance-strict = Strict mode: while a clause is broken, this counter does not say that it is ready.
conformance-lenient = Strict mode is off.
conformance-tally = How many clauses stand how
conformance-met = Met
conformance-partial = In part
conformance-not_offered = Not offered
conformance-broken = Broken
conformance-json = For programs (JSON)
conformance-findings = What was looked at just now
conformance-tests = Tests that show it (functions in the sources)
conformance-asks-configuration = Configuration:
conformance-asks-metadata = Metadata:
conformance-asks-resource_metadata = Metadata of the protected resource:
conformance-asks-records = Records:
conformance-asks-self_test = Self-test:

# Signing out, asked for by a service
logout-title = Sign out
logout-heading = Sign out of the counter?
logout-by = { $client } sent you here to sign out. Nothing is ended before you choose.
logout-another = The service may mean somebody else
logout-another-text = It asked to sign out a person who is not, or no longer, signed in in this browser. If you choose “Sign out”, whoever is signed in here is signed out.
logout-effect-here = “My consents” is closed in this browser, and what was begun here by signing in cannot be continued.
logout-effect-told = These services, to which you showed who you are in this browser, are told that you signed out:
logout-effect-consents = What you agreed to share stays in force. You can revoke it under “My consents”.
logout-effect-back = Afterwards you return to { $host }.
logout-yes = Sign out
logout-no = Do not sign out
failure-logout = The service's request to sign out cannot be followed
failure-logout-text = Nothing was ended. To sign out, open “My consents” and choose “Sign out” there.
failure-detail = For those who run the service

# Receipts
access-receipt = Receipt
access-held-back = { $n ->
    [one] { $n } more item came and was held back
   *[other] { $n } more items came and were held back
}
receipt-title = Receipt of an access
receipt-lead = A receipt shows that this access is written in the counter's log, and that nobody can take it out or change it unseen. It holds codes and counts, none of your information.
receipt-id = Receipt
receipt-leaf = Place in the log
receipt-logged = In the log
receipt-pending = On its way into the log
receipt-pending-text = The access is written down and will be in the log within a few seconds.
receipt-again = Look again
receipt-download = Save the receipt (JSON)
receipt-verify = Check a saved receipt in your browser
receipt-values = What the receipt holds
verify-title = Check a receipt
verify-heading = Check a receipt
verify-lead = Your own browser checks the receipt. It is sent nowhere; all that is asked for is the newest head of the public log.
verify-lead-file = Your own browser checks the receipt, without a network. It is sent nowhere.
verify-save = Save this page as a file that works without a network
verify-no-script = This browser runs no script here. Check the receipt with the command below instead.
verify-file = The saved receipt
verify-paste = Or paste its text here
verify-keys = Public key of the log
verify-keys-hint = Compare it with the key that you got elsewhere, from an auditor for example. Whoever gives you both receipt and key could deceive you with both.
verify-check = Check
verify-result = Result
verify-step-form = The receipt can be read and is about one and the same access.
verify-step-signature = The head of the log is signed by this key.
verify-step-inclusion = The record is in the log, word for word.
verify-step-growth = The log of today still contains that head.
verify-shown = The record that is proven
verify-otherwise = Check without this page
verify-otherwise-text = The program of the counter checks a receipt on any computer, with the public key of the log alone.
verify-log-keys = Keys of the log
verify-verdict-ok = The receipt is genuine.
verify-verdict-bad = The receipt does not hold. The steps below say where.
verify-verdict-unknown = The check could not be finished, so nothing is shown either way.
verify-state-ok = holds
verify-state-bad = does not hold
verify-state-skipped = not checked
verify-why-not-json = This is no JSON: the file was cut or changed.
verify-why-not-receipt = A part of the receipt is missing or cannot be read: the file was cut or changed.
verify-why-other-receipt = The record belongs to another receipt.
verify-why-key-form = The key cannot be read: it must be NAME+ID+KEY, one a line, and was changed or cut.
verify-why-no-ed25519 = This browser cannot check Ed25519 signatures. Use a newer one or the command below.
verify-why-no-crypto = This browser offers no cryptography on this page (it needs https). Save the page as a file, or use the command below.
verify-why-checkpoint-form = The head of the log in the receipt cannot be read: it was cut or changed.
verify-why-unsigned = The head of the log is not signed by this key.
verify-why-forged = The signature does not fit: the head of the log was changed.
verify-why-other-log = The head belongs to another log.
verify-why-not-in-tree = The place named in the receipt is beyond the end of the log.
verify-why-proof-length = The proof has too many or too few steps: the receipt was changed.
verify-why-not-logged = This is not the record that was logged: record, salt, place or proof was changed.
verify-why-offline = The log cannot be reached from here. The receipt holds all the same.
verify-why-log-shrunk = The log is shorter today than when the receipt was made. Keep the receipt and tell an auditor.
verify-why-log-forked = The log of today does not contain the head in the receipt: it was rewritten. Keep the receipt and tell an auditor.
verify-why-not-reached = An earlier step did not hold.

# Representatives
representatives-title = Representatives
representatives-lead = See who is registered to act for you and for whom you are registered to act. You can end any entry alone and at once. Whatever a representative decides is marked as such, and ends or stops with the entry.
representatives-number = Your number at this counter
representatives-number-hint = The counter's staff ask for it when they register a representative. It opens nothing by itself.
representatives-mine = Who acts for you
representatives-mine-none = Nobody is registered to act for you.
representatives-others = For whom you act
representatives-others-none = You are not registered to act for anybody.
representatives-entry = Registration
representatives-proof = Seen by the staff
representatives-done = What was decided by it
representatives-done-none = Nothing was decided by it.
representatives-used = How it was used
representatives-unfreeze = Let it go on
representatives-unfreeze-hint = It was held still because a card was suspended. You signed in with a working card, so you can let it go on. If you are not sure who registered it, end it instead.
representatives-withdraw = End this representation
representatives-give-up = Give this representation up
representatives-back = Back to my consents
representatives-end-title = Confirm the end
representatives-end-withdraw = End the representation by this person ({ $kind })?
representatives-end-give-up = Give up acting for this person ({ $kind })?
representatives-end-effect = It takes effect at once and cannot be undone. To begin again, it must be registered anew.
representatives-end-alone = The other person's agreement is not needed.
representatives-end-yes = End it
representatives-end-no = Go back without ending it
representation-parent = Parent
representation-guardian = Guardian
representation-care_manager = Care manager
representation-labor_consultant = Labour and social security attorney
representation-tax_accountant = Tax accountant
representation-appointed = Chosen representative
representation-proof-family_register = Family register
representation-proof-registry_certificate = Certificate of registered matters
representation-emergency = Emergency use in a disaster, opened by two of the counter's staff and not by you
representation-proof-two_operators = Signed statements of two of the counter's staff
representation-proof-power_of_attorney = Power of attorney
representation-proof-own_sign_in = Registered after an own sign-in
representation-active = In force
representation-frozen-operator = Held still by the counter
representation-frozen-card_suspended = Held still, because a card was suspended
representation-ended-principal = Ended by the person represented
representation-ended-representative = Given up by the representative
representation-ended-operator = Ended by the counter
representation-ended-time = Its time is over
notice-representation-ended = The representation has ended.
notice-representation-unfrozen = The representation goes on.
notice-representation-nothing = There was nothing to end: it had ended already.
dashboard-representatives = Representatives

# For whom one decides

acting-heading = For whom you decide
acting-hint = You represent other people. What you allow for another is marked as decided by you as their representative; they see it, and can end it at any time.
acting-no-identity = Who a person is (sign-in) is never confirmed for another; that part of the request is left out.
acting-nobody = This request is for representatives, and you are not registered to decide it for anybody.
acting-for = A person whom you represent as: { $kind } (until { $until })

# Erasure at the citizen's wish

dashboard-erasure = Erase what has ended
erasure-title = Erase what was kept
erasure-now = { $n ->
    [0] There is nothing that could be erased now.
    [one] One ended consent can be erased now, with everything that was kept under it.
   *[other] { $n } ended consents can be erased now, with everything that was kept under them.
}
erasure-goes = What is erased
erasure-goes-consents = The ended consents: what you allowed, to whom, for what, and the earlier versions
erasure-goes-history = The history of who asked for what under them, and how each request ended
erasure-goes-evidence = What connects the entries of the log of evidence with you. The key to it is destroyed, so that copies of it cannot be read any more either.
erasure-goes-receipts = Receipts of these disclosures cannot be fetched from the counter any more. Save those that you may still need first.
erasure-stays = What stays
erasure-later = { $n ->
    [one] One consent that ended only recently:
   *[other] { $n } consents that ended only recently:
}
erasure-days = { $n ->
    [one] until one day after its end, so that a disclosure can still be disputed.
   *[other] until { $n } days after its end, so that a disclosure can still be disputed.
}
erasure-stays-active = Consents that are in force or held still, as long as they are. End them first if they are to be erased.
erasure-stays-log = The entries of the log of evidence themselves, for good. Without what is erased they tell nobody anything.
erasure-stays-account = By what you are recognised when you sign in, and your representatives, as long as they are registered
erasure-stays-others = What third parties have received already. Ask them to erase it.
erasure-confirm = I know that this cannot be undone.
erasure-yes = Erase it
erasure-no = Go back without erasing
erasure-back = Back to my consents
notice-erased = It is erased.
erasure-to-account = Erase the account, too
closing-title = Erase my account
closing-lead = Your account at this counter can be erased now, with everything that was kept about you.
closing-not-yet = Your account cannot be erased yet: others still rely on what stands.
closing-first = What has to end first
closing-consent = The consent that you gave { $name } is in force or held still. End it first.
closing-representations = { $n ->
    [one] Somebody acts for you, or you for somebody. End it first.
   *[other] { $n } people act for you, or you for them. End that first.
}
closing-held = The counter's staff must let your account go first. Ask at the counter.
closing-goes = What is erased
closing-goes-account = By what you are recognised when you sign in. The key to it is destroyed, so that copies of it cannot be read any more either.
closing-goes-consents = All consents that have ended, the history of who asked for what, and what connects the log of evidence with you
closing-goes-representatives = Who used to act for you, open invitations, and questions that wait for you
closing-goes-ids = By what third parties know you. If you sign in again you are a new person to them.
closing-stays-represented = With other people: that you used to act for them, without saying who you are
closing-yes = Erase my account
notice-closing-unconfirmed = Nothing was erased: tick that you know it cannot be undone.
notice-closing-standing = Your account was not erased: something has to end first.
notice-erased-nothing = There was nothing that could be erased.
notice-erasure-unconfirmed = Nothing was erased: tick that you know it cannot be undone.

# The company's page
company-title = Who files for your company
company-lead = See which offices may file for your company (委任), which procedures, and until when. You can pause or end any of them alone and at once.
company-name = Company
company-number = Corporate number
company-member = You are signed in with a member's account. Only the account of the company's head (gBizID Prime) lets an office file, pauses it, or ends it.
company-delegations = Offices that may file for the company
company-delegations-none = No office may file for the company.
company-office-id = The office's id at this counter
company-office-hint = The office tells you its id. Before anything is registered you are shown its name.
company-kind = As what it acts
company-procedures = Procedures
company-procedures-hint = Choose only what the office is to file. Open an agency to see its procedures.
company-other-procedures = Other procedures
company-other-procedures-hint = Those that are not in the lists above, one for each line, by their numbers (手続識別子 or 届書コード).
company-every-procedure = Every procedure
company-until = The last day
company-registered = Registered
company-delegate = Let an office file for the company
company-go-on = Go on
company-end = End this delegation
company-pause = Pause this delegation
company-pause-hint = It takes effect at once. Until you resume it the office files nothing new, and what was taken on and no agency has yet waits. The last day does not move.
company-resume = Resume this delegation
company-resume-hint = The office can file again until the last day, and what waited is sent.
company-confirm-title = Confirm the delegation
company-confirm-heading = Let { $office } file for your company?
company-confirm-effect = What it files is filed in your company's name, and marked as filed by this office. It ends on the last day at the latest, and you can end it earlier, alone and at once.
company-confirm-yes = Let it file
company-confirm-no = Go back without registering anything
company-end-heading = End the delegation to { $office }?
company-end-effect = It takes effect at once and cannot be undone. To begin again, register it anew.
company-end-waiting = What the office filed and no agency has yet is not sent. What an agency has stays there.
company-end-alone = The office's agreement is not needed.
company-refused-representative = No office has this id here, or it is your company's own software. Ask the office for its id.
company-refused-kind = Choose as what the office acts.
company-refused-procedures = Choose 1 to 100 procedures, or every procedure and nothing beside it.
company-refused-until = The last day must be today or later, and no later than the counter's rules allow (a year as a rule).
company-refused-proof = The counter's rules do not let companies register this themselves. Ask the counter's staff.
company-refused-conflict = This office may file for your company already. End that delegation first, to change it.
company-refused-denied = Only the account of the company's head (gBizID Prime) can change this.
agency-pension_office = Pension office
agency-health_insurance_union = Health insurance society
agency-employment_office = Employment office (Hello Work)
agency-labour_bureau = Labour bureau
agency-tax_office = Tax office
agency-municipality = Municipality
delegation-by-company = By the company itself
delegation-by-office = By the office, for software that files for it
delegation-via = The office's delegation that it hangs on
delegation-by-operator = By the counter's staff, who saw a power of attorney
delegation-paused = Paused by the company
delegation-paused-at = Paused
delegation-ended-principal = Ended by the company
delegation-ended-representative = Given up by the office
delegation-ended-operator = Ended by the counter
delegation-ended-time = Its time is over
notice-delegation-registered = The office may file for your company from now on.
notice-delegation-ended = The delegation has ended.
notice-delegation-paused = The delegation is paused.
notice-delegation-resumed = The delegation is in force again.
notice-delegation-unchanged = There was nothing to change: see below how it stands.
notice-delegation-nothing = There was nothing to end: it had ended already.
failure-not_a_company = This account cannot come in here
failure-not_a_company-text = Companies come in with an account whose company was checked (gBizID Prime, or a member of one) and that has a corporate number.
failure-company-restart = Sign in once more from the company's page.
home-companies = For companies
home-companies-text = See and end which offices may file for your company.
home-companies-open = Open the company's page

# Inviting a representative
representatives-invitations = Invite a representative, or accept an invitation
invitations-title = Invitations to represent
invitations-lead = You can make somebody your representative yourself: make an invitation and give them its code. They accept it after signing in with their own card. Either of you ends it alone and at once.
invitations-open = Your open invitations
invitations-open-none = You have no open invitation.
invitations-back = Back to representatives
invitation-expires = The code works until
invitation-withdraw = Withdraw this invitation
invitation-invite = Invite a representative
invitation-kind = As what the representative acts
invitation-until = The last day of the representation
invitation-hint = The code is shown once, works once, and for 24 hours. Whoever has it can become your representative: give it to nobody else.
invitation-make = Make the invitation and show its code
invitation-accept = Accept an invitation
invitation-code = The code that you were given
invitation-made-title = Your invitation
invitation-made-lead = Give this code to the one whom you want as your representative. It is shown only now.
invitation-made-hint = If you lose it, or gave it to the wrong one, withdraw the invitation and make another.
invitation-made-back = I have noted the code
invitation-accept-title = Confirm the invitation
invitation-accept-heading = Become the representative of the person who gave you this code?
invitation-accept-effect = You then decide for that person which data third parties get. They see everything that you decide, and either of you can end it alone and at once.
invitation-accept-yes = Accept
invitation-accept-no = Go back without accepting
invitation-refused-kind = Choose as what the representative acts.
invitation-refused-until = The last day must be today or later, and no later than the counter's rules allow (a year as a rule).
invitation-refused-most = You have as many open invitations as can be. Withdraw one first.
invitation-refused-code = There is no open invitation with this code for you: it was mistyped, used, withdrawn, is older than 24 hours or your own, or you represent this person already.
notice-invitation-withdrawn = The invitation is withdrawn.
notice-invitation-accepted = You are a representative now. The entry stands in your list of representatives.
notice-invitation-nothing = There was nothing to withdraw: the invitation is used, withdrawn or over already.
company-filed = Filed by it
company-filed-none = Nothing was filed by it.
filing-draft = Being written
filing-accepted = Taken on
filing-validating = Being checked
filing-queued = Waits to be sent
filing-delivering = On its way
filing-arrived = With the agency
filing-under_review = Under review
filing-action_required = An amendment is asked for
filing-completed = Completed
filing-returned = Returned
filing-failed = Not delivered
filing-cancelled = Called off or withdrawn

# Founding a company
dashboard-establishments = Sign the founding of a company
founding-title = Sign the founding of a company
founding-lead = Whoever prepares the founding of your company gave each founder a code. Enter yours to read everything that will be filed; you then sign it or decline.
founding-code = Your code
founding-code-hint = The code is yours alone and works once: do not enter that of another founder.
founding-sign-title = Read and sign
founding-sign-heading = The founding of { $company }
founding-sign-lead = You are asked to sign as { $name }. Read everything first: what you sign is what is filed, and nothing of it can be changed afterwards without new signatures.
founding-company = The company
founding-kind = Kind of company
founding-kind-kabushiki = Kabushiki kaisha (stock company)
founding-kind-godo = Godo kaisha (limited liability company)
founding-trade-name = Trade name
founding-head-office = Head office
founding-purposes = Purposes
founding-capital = Capital
founding-fiscal-year = Month in which the fiscal year ends
founding-day = Day of establishment wished for
founding-contact = Telephone and mail
founding-filer = Corporate number of the one who files
founding-founders = Founders and what they pay in
founding-officers = Officers
founding-role-1 = Representative director
founding-role-2 = Director
founding-role-3 = Auditor
founding-role-4 = Representative partner
founding-role-5 = Managing partner
founding-born = Born on { $day }
founding-yen = { $amount } yen
founding-people = Employment, tax and insurance
founding-employment = Workers / covered by employment insurance / from / wages until the end of March
founding-salary = Paid people / first payment
founding-insurance = Covered by health and pension insurance / from
founding-blue-return = Blue return
founding-twice-a-year = Withheld tax twice a year
founding-none = None
founding-yes = Yes
founding-no = No
founding-procedures = What is filed, and with whom
founding-stage-certification = First
founding-stage-registration = Then
founding-stage-notification = After the registration
founding-sign = Your signature
founding-sign-effect = Once every founder has signed, everything above is filed by itself, in this order. If you decline, nothing is filed at all.
founding-until = You can sign until
founding-digest = Fingerprint of what you sign (SHA-256)
founding-name = To sign, type your name as it stands above
founding-decline = Decline
founding-sign-it = Sign
founding-refused-code = This code opens nothing: it was mistyped or used already, the time for signatures is over, or the founding was called off.
founding-refused-decision = Choose to sign or to decline.
founding-refused-changed = What you looked at is not what would be signed now. Read it again.
founding-refused-name = Type your name as it stands among the founders.
founding-refused-conflict = This cannot be taken: you have decided for another founder already, or it has changed meanwhile.
founding-refused-later = This cannot be taken down just now. Try again in a moment.
notice-founding-signed = You have signed. Once every founder has, it goes out by itself.
notice-founding-declined = You have declined. Nothing will be filed.

# Certificates of employment
company-employment-certificate = Issue certificates of employment
certificate-verify-title = Verify a certificate of employment
certificate-verify-lead = Type the reference (照会番号) that stands on the certificate: you will see whether it is valid or was revoked. What it says is not shown.
certificate-verify-content = What it says is not shown here. The municipality that it is for opens the signed original by the reference.
certificate-reference = Reference (照会番号)
certificate-reference-hint = 43 letters, digits, hyphens and underscores. Capital and small letters differ.
certificate-verify-go = Verify
certificate-unknown = There is no certificate with this reference. Check the letters. One that is older than certificates are kept is not found either.
certificate-valid = This certificate is valid
certificate-revoked = This certificate was revoked
certificate-revoked-at = Revoked at
certificate-because = Why
certificate-because-incorrect = Something in it was wrong
certificate-because-changed = The employment has changed
certificate-because-employment_ended = The employment ended
certificate-form = Form
certificate-municipality = For the municipality (全国地方公共団体コード)
certificate-issued-at = Issued at
