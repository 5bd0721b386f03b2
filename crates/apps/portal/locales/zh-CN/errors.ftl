# What a visitor sees when something did not work.

error-request-title = 无法处理这个请求
error-request-text = 提交的内容不完整、过大或格式有误，请返回修改后重试。
error-forbidden-title = 没有权限
error-forbidden-text = 您没有查看此页或执行此操作的权限。如果是从其他网站跳转而来，请在本站重新操作。
error-not-found-title = 页面不存在
error-not-found-text = 链接可能已经失效，或地址有误。
error-conflict-title = 情况已经变化
error-conflict-text = 在您操作期间状态已经变化，请刷新后重试。
error-too-many-title = 操作过于频繁
error-too-many-text = 请稍候片刻再试。
error-internal-title = 服务出现故障
error-internal-text = 故障在我们这边，已经记录。
error-unavailable-title = 暂时无法提供服务
error-unavailable-text = 内容暂时无法保存，因此什么都没有处理。请稍后再试。
error-unsaved-title = 内容没有保存成功
error-unsaved-text = 您填写的内容没有送达。这是我们的故障，与您无关。
error-unsaved-contact = 请直接联系：{ $contact }，该方式不依赖本服务。
error-unsaved-label = 您填写的内容，可复制后发送
error-incident = 故障编号：
error-contact = 如需帮助，请直接联系：{ $contact }
error-link = 查看相关页面
error-console = 返回工作台
error-home = 返回首页
