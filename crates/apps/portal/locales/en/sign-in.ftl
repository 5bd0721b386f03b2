# Signing in, for operators.

sign-in-title = Operator sign-in
sign-in-heading = Operator sign-in
sign-in-lead = For the provider's operators. Chat, verification, complaints and appeals need no sign-in.
sign-in-name = Name
sign-in-password = Password
sign-in-submit = Sign in
sign-in-failed = Name or password is wrong.
sign-in-too-many = Too many failed tries. Please wait a quarter of an hour.
invitation-title = Accept the invitation
invitation-heading = Set up your account
invitation-lead = This link works once. You are signed in when you are done.
invitation-name-hint = You sign in with it, and other operators see it.
invitation-password-hint = At least 12 characters. A sentence is fine.
invitation-submit = Create the account
invitation-error-name = Please give a name of up to 100 bytes.
invitation-error-password = The password is too short or too long. Use at least 12 characters.
invitation-error-taken = This name is taken.
role-administrator = Administrator
role-reviewer = Reviewer
role-compliance = Compliance
role-auditor = Auditor
role-service = Service
role-application = Application
role-user = User
role-anonymous = Visitor
