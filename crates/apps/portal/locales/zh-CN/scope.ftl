# For which services a duty applies, by the scope flag in packs.

scope-provider-foreign = 来自境外的服务
scope-provider-trains = 自行训练模型的提供者
scope-sector-media = 新闻出版、影视制作、文艺创作类服务
scope-service-audio = 生成音频的服务
scope-service-biometric-editing = 可编辑人脸、人声等的服务
scope-service-companion = 拟人化的持续情感互动服务
scope-service-image = 生成图片的服务
scope-service-minors = 面向未成年人的服务
scope-service-platform = 传播他人发布内容的平台
scope-service-public-opinion = 具有舆论属性或者社会动员能力的服务
scope-service-scene = 提供虚拟场景的服务
scope-service-video = 生成视频的服务
