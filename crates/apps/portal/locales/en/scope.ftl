# For which services a duty applies, by the scope flag in packs.

scope-provider-foreign = services from abroad
scope-provider-trains = providers who train models
scope-sector-media = services for news, film, television or the arts
scope-service-audio = services that generate sound
scope-service-biometric-editing = services that edit faces or voices
scope-service-companion = companions, in sustained emotional interaction
scope-service-image = services that generate pictures
scope-service-minors = services for minors
scope-service-platform = platforms that spread what others publish
scope-service-public-opinion = services that can shape opinion or mobilise
scope-service-scene = services with virtual scenes
scope-service-video = services that generate video
