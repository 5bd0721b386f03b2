# The frame around every page.

site-name = Cinnabar
site-skip = Skip to content
site-nav-label = Main
site-nav-chat = Chat
site-nav-verify = Verify
site-nav-cases = Complaints
site-nav-rules = Rules
site-language-label = Language
site-trial-name = Trial mode.
site-trial-text = For trying out on this machine only, not for serving the public. The provider code in labels is a placeholder.
site-footer-provider = Provided by { $provider }
site-footer-contact = Contact: { $contact }
site-footer-agreement = Service agreement
site-footer-cases = Follow a case
site-footer-ledger = Public log
site-footer-api = API
site-footer-operators = Operator sign-in
site-copy = Copy
site-copied = Copied
form-errors = Some entries need correcting. They are marked below.
