# The service agreement.

agreement-title = Service agreement
agreement-heading = Service agreement
agreement-version = Version { $version }, hash
agreement-accepted = You have accepted this agreement.
agreement-accept-text = Your acceptance is recorded in the public log, without anything that identifies you.
agreement-accept = Accept this agreement
agreement-error-changed = The agreement has changed. Please read the version in force and accept that.
