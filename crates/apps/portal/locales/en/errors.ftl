# What a visitor sees when something did not work.

error-request-title = This request cannot be handled
error-request-text = What was sent is incomplete, too large or malformed. Please go back and try again.
error-forbidden-title = Not allowed
error-forbidden-text = You may not see this page or do this. If another site sent you here, please start again on this one.
error-not-found-title = Not found
error-not-found-text = The link may have expired, or the address may be wrong.
error-conflict-title = Something has changed
error-conflict-text = The state of things changed in the meantime. Please reload and try again.
error-too-many-title = Too many requests
error-too-many-text = Please wait a moment and try again.
error-internal-title = Something went wrong
error-internal-text = The fault is ours, and it has been logged.
error-unavailable-title = Not available right now
error-unavailable-text = Nothing can be recorded right now, so nothing was done. Please try again later.
error-unsaved-title = Nothing could be saved
error-unsaved-text = What you wrote has not reached us. The fault is ours, not yours.
error-unsaved-contact = Please contact { $contact } directly. That does not need this service.
error-unsaved-label = What you wrote, to send it that way
error-incident = Incident:
error-contact = If you need help, contact { $contact } directly.
error-link = Go to the page that helps
error-console = Back to the console
error-home = Back to the start
